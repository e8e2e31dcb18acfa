// SPDX-License-Identifier: MIT
#pragma once
/// What to search for: photos and items of the catalogue, in the order given.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vitrine/catalog.h"

namespace vitrine::tools {

/// File names from a list, one a line, or each ended by a NUL byte if `nul_separated`; "-" reads standard
/// input. Empty names are passed over. ErrorCode::kNotFound or kIo if the list cannot be read.
std::vector<std::string> read_name_list(const std::string& list, bool nul_separated);

/// The key written as PRODUCT/PICTURE. Both parts may hold slashes, so the catalogue decides where to cut.
std::optional<ItemKey> find_item_key(const Catalog& catalog, const std::string& name);

/// A box written as x,y,w,h, or "whole" for all of any picture. Throws UsageError.
BoxPx parse_box(const std::string& text);

}  // namespace vitrine::tools
