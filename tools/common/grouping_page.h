// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>

#include "vitrine/click_groups.h"

namespace vitrine::tools {

/// Writes groups as one page to look at: figures, and pictures of the largest groups and of some others,
/// evenly drawn. No scripts, no outside references.
void write_grouping_page(const std::filesystem::path& file, const ClickGroups& groups);

}  // namespace vitrine::tools
