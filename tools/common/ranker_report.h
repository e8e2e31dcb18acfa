// SPDX-License-Identifier: MIT
#pragma once
/// What the training of a quality ranker found.
#include <string>

#include "common/terminal.h"
#include "vitrine/train_ranker.h"

namespace vitrine::tools {

std::string ranker_report_text(const TrainedRanker& trained, const Style& style);
/// Schema "vitrine.ranker/1".
std::string ranker_report_json(const TrainedRanker& trained);

}  // namespace vitrine::tools
