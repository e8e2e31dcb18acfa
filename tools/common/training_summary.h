// SPDX-License-Identifier: MIT
#pragma once
/// The figures of a training run as text and JSON.
#include <string>

#include "vitrine/training.h"

namespace vitrine::tools {

std::string training_table_head();
std::string training_table_row(const EpochFigures& figures);
std::string training_summary_text(const TrainingReport& report, const TrainingOptions& options);
std::string training_summary_json(const TrainingReport& report, const TrainingOptions& options);

}  // namespace vitrine::tools
