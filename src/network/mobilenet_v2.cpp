// SPDX-License-Identifier: MIT
#include "network/mobilenet_v2.h"

namespace vitrine::network {
namespace {

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
  BlockSpec block;
  block.name = name;
  block.residual = stride_px == 1 && in_channels == out_channels;
  const int hidden = in_channels * expansion;
  int index = 0;
  if (expansion != 1) {
    block.convolutions.push_back({name + ".conv.0.0", in_channels, hidden, 1, 1, 1, true});
    index = 1;
  }
  const std::string prefix = name + ".conv.";
  block.convolutions.push_back(
      {prefix + std::to_string(index) + ".0", hidden, hidden, 3, stride_px, hidden, true});
  block.convolutions.push_back({prefix + std::to_string(index + 1), hidden, out_channels, 1, 1, 1, false});
  return block;
}

std::vector<BlockSpec> make_blocks() {
  std::vector<BlockSpec> blocks;
  blocks.push_back({"features.0", {{"features.0.0", 3, 32, 3, 2, 1, true}}, false});
  int channels = 32;
  for (const Stage& stage : kStages) {
    for (int repeat = 0; repeat < stage.repeats; ++repeat) {
      const std::string name = "features." + std::to_string(blocks.size());
      const int stride_px = repeat == 0 ? stage.stride_px : 1;
      blocks.push_back(inverted_residual(name, channels, stage.channels, stride_px, stage.expansion));
      channels = stage.channels;
    }
  }
  blocks.push_back(
      {"features.18", {{"features.18.0", channels, kMobileNetV2Features, 1, 1, 1, true}}, false});
  return blocks;
}

}  // namespace

const std::vector<BlockSpec>& mobilenet_v2_blocks() {
  static const std::vector<BlockSpec> blocks = make_blocks();
  return blocks;
}

}  // namespace vitrine::network
