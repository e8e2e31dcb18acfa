// SPDX-License-Identifier: MIT
#include "network/backbone.h"

namespace vitrine::network {
namespace {

constexpr int kFeatures = 1280;

// Table 2 of the paper: expansion t, channels c, repeats n, stride s of the first repeat.
struct Stage {
  int expansion;
  int channels;
  int repeats;
  int stride_px;
};
constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                             {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};

BlockSpec inverted_residual(const std::string& name, int in_channels, int out_channels, int stride_px,
                            int expansion) {
  const int hidden = in_channels * expansion;
  const std::string prefix = name + ".conv.";
  std::vector<ConvolutionSpec> convolutions;
  if (expansion != 1) convolutions.push_back({prefix + "0.0", in_channels, hidden});
  const auto index = static_cast<int>(convolutions.size());
  convolutions.push_back({prefix + std::to_string(index) + ".0", hidden, hidden, 3, stride_px, hidden});
  convolutions.push_back(
      {prefix + std::to_string(index + 1), hidden, out_channels, 1, 1, 1, Nonlinearity::kNone});
  return {name, 0, {{false, std::move(convolutions)}}, stride_px == 1 && in_channels == out_channels};
}

Backbone make_backbone() {
  Backbone backbone{"mobilenet_v2", {}, kFeatures};
  std::vector<BlockSpec>& blocks = backbone.blocks;
  blocks.push_back({"features.0", 0, {{false, {{"features.0.0", 3, 32, 3, 2}}}}});
  int channels = 32;
  for (const Stage& stage : kStages) {
    for (int repeat = 0; repeat < stage.repeats; ++repeat) {
      const std::string name = "features." + std::to_string(blocks.size());
      const int stride_px = repeat == 0 ? stage.stride_px : 1;
      blocks.push_back(inverted_residual(name, channels, stage.channels, stride_px, stage.expansion));
      channels = stage.channels;
    }
  }
  blocks.push_back({"features.18", 0, {{false, {{"features.18.0", channels, kFeatures}}}}});
  return backbone;
}

}  // namespace

const Backbone& mobilenet_v2() {
  static const Backbone backbone = make_backbone();
  return backbone;
}

}  // namespace vitrine::network
