// SPDX-License-Identifier: MIT
#pragma once
/// Everything that mining learns from a sample of the log before it filters the whole.
#include <span>
#include <vector>

#include "clicks/view_comparer.h"
#include "clicks/view_filter.h"
#include "vitrine/clicks.h"

namespace vitrine::clicks {

struct Calibration {
  FilterRule rule;
  std::vector<double> examination;  ///< by position, first one first; 1 for the most examined
};

/// Fits the fused distance, epsilon, gamma and examination, and puts what people want to see of them into the
/// report. ErrorCode::kInvalidArgument if there is too little to choose a threshold from.
Calibration calibrate(std::span<const ComparedView> sample, const CalibrationSampler& sampler,
                      std::size_t num_features, const MiningOptions& options, MiningReport& report);

}  // namespace vitrine::clicks
