// SPDX-License-Identifier: MIT
#pragma once
/// A fusion as bytes (docs/format.md, "Category fusion"): a header of fixed fields, then weights and names.
#include <cstddef>
#include <span>
#include <vector>

#include "vitrine/category.h"

namespace vitrine::category {

/// Without looking at the values.
std::vector<std::byte> write_fusion(const CategoryFusion& fusion);

/// Throws kCorrupt, with the offset, or kUnsupported. Nothing is allocated for a count before it has been
/// compared with the bytes that are left.
CategoryFusion read_fusion(std::span<const std::byte> bytes);

}  // namespace vitrine::category
