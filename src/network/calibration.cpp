// SPDX-License-Identifier: MIT
#include "network/calibration.h"

#include <algorithm>
#include <cmath>

#include "network/execution_context.h"
#include "network/preprocess.h"
#include "vitrine/error.h"

namespace vitrine::network {

std::vector<float> calibrate_activation_ranges(const Model& model, std::span<const Image> pictures) {
  if (pictures.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "cannot calibrate the model: no pictures given");
  }
  return with_onednn([&] {
    const Graph graph(model, Precision::kFloat32);
    ExecutionContext context(graph);
    std::vector<float> absmax(model.convolutions.size(), 0.0F);
    for (const Image& picture : pictures) {
      const Image input = to_input_size(picture, model.info.input_px);
      context.run(input.pixels(), [&](std::size_t convolution_index, std::span<const float> output) {
        for (const float value : output) {
          absmax[convolution_index] = std::max(absmax[convolution_index], std::abs(value));
        }
      });
    }
    return absmax;
  });
}

}  // namespace vitrine::network
