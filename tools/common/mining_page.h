// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>

#include "vitrine/clicks.h"

namespace vitrine::tools {

/// Writes what was mined as one page to look at: figures, histograms of the distances with both thresholds,
/// click rate by position, and how much was dropped for which reason. No scripts, no outside references.
void write_mining_page(const std::filesystem::path& file, const MiningReport& report);

}  // namespace vitrine::tools
