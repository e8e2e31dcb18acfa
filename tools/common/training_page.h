// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <string>

#include "vitrine/training.h"

namespace vitrine::tools {

/// Writes a training run as one page to look at: curves of losses and validation figures, where detection saw
/// the products while it learned, and the photos that are mistaken most. `state` says how far the run is, in
/// a sentence. What the report does not hold (yet) is left out. No scripts, no outside references.
void write_training_page(const std::filesystem::path& file, const TrainingReport& report,
                         const TrainingOptions& options, const std::string& state);

}  // namespace vitrine::tools
