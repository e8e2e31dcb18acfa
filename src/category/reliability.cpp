// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "vitrine/category.h"
#include "vitrine/error.h"

namespace vitrine {

std::vector<ReliabilityBin> reliability_of(std::span<const double> confidences,
                                           const std::vector<bool>& right, std::size_t num_bins) {
  if (confidences.size() != right.size() || num_bins == 0) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "cannot compare confidence with accuracy: expected as many confidences as answers and at least "
        "one bin, found " +
            std::to_string(confidences.size()) + ", " + std::to_string(right.size()) + " and " +
            std::to_string(num_bins));
  }
  std::vector<ReliabilityBin> bins(num_bins);
  for (std::size_t i = 0; i < confidences.size(); ++i) {
    const double position = std::clamp(confidences[i], 0.0, 1.0) * static_cast<double>(num_bins);
    ReliabilityBin& bin = bins[std::min(static_cast<std::size_t>(position), num_bins - 1)];
    ++bin.count;
    bin.mean_confidence += confidences[i];
    bin.accuracy += right[i] ? 1 : 0;
  }
  for (ReliabilityBin& bin : bins) {
    if (bin.count == 0) continue;
    bin.mean_confidence /= static_cast<double>(bin.count);
    bin.accuracy /= static_cast<double>(bin.count);
  }
  return bins;
}

double expected_calibration_error(std::span<const ReliabilityBin> bins) {
  double sum = 0;
  std::size_t count = 0;
  for (const ReliabilityBin& bin : bins) {
    sum += static_cast<double>(bin.count) * std::abs(bin.accuracy - bin.mean_confidence);
    count += bin.count;
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace vitrine
