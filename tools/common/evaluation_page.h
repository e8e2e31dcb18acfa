// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <string>

#include "vitrine/evaluate.h"

namespace vitrine::tools {

/// Writes an evaluation as one page to look at: recall over the number of hits, figures, and the photos that
/// are answered worst. `comparison` with a catalogue named `other` may be null. No scripts, no outside
/// references.
void write_evaluation_page(const std::filesystem::path& file, const EvaluationReport& report,
                           const std::string& catalog, const Comparison* comparison,
                           const std::string& other);

}  // namespace vitrine::tools
