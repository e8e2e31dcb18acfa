// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "vitrine/engine.h"
#include "vitrine/image.h"

namespace vitrine::tools {

/// Which results a query has.
enum class ResultGroups {
  kOne,     ///< one list of hits
  kObjects  ///< one for each product in the photo, and one for the whole photo
};

/// What came of one query.
struct QueryAnswer {
  std::string query;  ///< the photo's path as given, "-" for standard input, or PRODUCT/PICTURE
  std::optional<std::string> failure;  ///< why there is no result
  SearchResult result;
  /// With --objects: what was found for each product in the photo; `result` is then the whole photo's.
  std::vector<SearchResult> objects;
  Image photo;            ///< empty for an item of the catalogue
  std::string item_path;  ///< picture of the item that served as query; empty for a photo
  double decode_ms = 0;
  double total_ms = 0;
};

}  // namespace vitrine::tools
