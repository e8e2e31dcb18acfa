// SPDX-License-Identifier: MIT
#pragma once
/// Runs queries on all cores and hands the answers over in the order of the queries.
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "common/query_answer.h"
#include "vitrine/engine.h"

namespace vitrine::tools {

/// A photo by its path, "-" being standard input.
struct PhotoQuery {
  std::string path;
};

using Query = std::variant<PhotoQuery, ItemKey>;

struct QueryOptions {
  SearchOptions search{};
  /// How to look for several products in a photo; unset: one search for each query.
  std::optional<DetectionOptions> objects{};
  /// Does a search in the place of calling the one it is given; unset: that is called. Not with `objects`.
  std::function<SearchResult(const SearchOptions&, const std::function<SearchResult(const SearchOptions&)>&)>
      search_through{};
};

/// Calls `on_answer` once per query, in order, from the calling thread. A photo that cannot be read gives an
/// answer with a failure; errors that concern every query (options, catalogue) are thrown.
void answer_queries(const Engine& engine, std::span<const Query> queries, const QueryOptions& options,
                    const std::function<void(const QueryAnswer&)>& on_answer);

}  // namespace vitrine::tools
