// SPDX-License-Identifier: MIT
#include "network/calibration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "network/execution_context.h"
#include "network/preprocess.h"
#include "network/quantization.h"
#include "vitrine/error.h"

namespace vitrine::network {
namespace {

/// How often each magnitude occurs, up to a given largest one.
class MagnitudeHistogram {
 public:
  explicit MagnitudeHistogram(float absmax) : absmax_(absmax) {}

  void add(std::span<const float> values) {
    if (absmax_ <= 0) return;
    const float bins_per_unit = static_cast<float>(kBins) / absmax_;
    for (const float value : values) {
      // Zero is exact in every range; most of a rectified output and all padding is zero.
      if (value == 0) continue;
      const auto bin = static_cast<std::size_t>(std::abs(value) * bins_per_unit);
      ++counts_[std::min(bin, kBins - 1)];
    }
  }

  /// The range with the smallest squared error, among fractions of the largest magnitude.
  float best_range(Nonlinearity nonlinearity) const {
    constexpr int kSteps = 100;
    float best = absmax_;
    double best_error = std::numeric_limits<double>::infinity();
    for (int step = kSteps; step > kSteps / 10; --step) {
      const float range = absmax_ * static_cast<float>(step) / kSteps;
      const double error = squared_error(range, activation_scale(nonlinearity, range));
      if (error < best_error) {
        best_error = error;
        best = range;
      }
    }
    return best;
  }

 private:
  static constexpr std::size_t kBins = 2048;

  double squared_error(float range, float scale) const {
    const double rounding = double{scale} * scale / 12;
    double sum = 0;
    for (std::size_t bin = 0; bin < kBins; ++bin) {
      const double magnitude = (static_cast<double>(bin) + 0.5) * absmax_ / kBins;
      const double clipped = std::max(magnitude - range, 0.0);
      sum += static_cast<double>(counts_[bin]) * (clipped > 0 ? clipped * clipped : rounding);
    }
    return sum;
  }

  float absmax_;
  std::array<std::uint64_t, kBins> counts_{};
};

void observe(const Model& model, std::span<const Image> pictures,
             const ExecutionContext::Observer& observer) {
  const Graph graph = Graph::of_features(model.backbone, model.embedding, Precision::kFloat32);
  ExecutionContext context(graph);
  for (const Image& picture : pictures) {
    context.run(to_input_size(picture, model.info.input_px).pixels(), observer);
  }
}

std::vector<float> largest_magnitudes(const Model& model, std::span<const Image> pictures) {
  std::vector<float> absmax(model.backbone.convolutions.size(), 0.0F);
  observe(model, pictures, [&](std::size_t convolution_index, std::span<const float> output) {
    float& largest = absmax[convolution_index];
    for (const float value : output) largest = std::max(largest, std::abs(value));
  });
  return absmax;
}

}  // namespace

std::vector<float> calibrate_activation_ranges(const Model& model, std::span<const Image> pictures) {
  if (pictures.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "cannot calibrate the model: no pictures given");
  }
  return with_onednn([&] {
    std::vector<MagnitudeHistogram> histograms;
    for (const float absmax : largest_magnitudes(model, pictures)) histograms.emplace_back(absmax);
    observe(model, pictures, [&](std::size_t convolution_index, std::span<const float> output) {
      histograms[convolution_index].add(output);
    });
    std::vector<float> ranges;
    for (std::size_t i = 0; i < histograms.size(); ++i) {
      ranges.push_back(histograms[i].best_range(model.backbone.convolutions[i].spec->nonlinearity));
    }
    return ranges;
  });
}

}  // namespace vitrine::network
