// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "vitrine/training.h"

namespace vitrine::training {

/// The figures of finished epochs as text for a checkpoint.
std::string to_json(const std::vector<EpochFigures>& epochs);

/// The figures back; what is not understood is passed over, for it is history only: not worth refusing the
/// weights.
std::vector<EpochFigures> epochs_from_json(const std::string& text);

}  // namespace vitrine::training
