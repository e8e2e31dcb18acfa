// SPDX-License-Identifier: MIT
#include "network/backbone.h"

namespace vitrine::network {
namespace {

// Table 1 of the paper: channels of the four branches. The second and third first reduce to `reduced`
// channels.
struct Inception {
  const char* name;
  int halving_pool_px;
  int single;
  int second_reduced;
  int second;
  int third_reduced;
  int third;
  int pooled;

  int out_channels() const { return single + second + third + pooled; }
};
constexpr Inception kInceptions[] = {
    {"inception3a", 3, 64, 96, 128, 16, 32, 32},     {"inception3b", 0, 128, 128, 192, 32, 96, 64},
    {"inception4a", 3, 192, 96, 208, 16, 48, 64},    {"inception4b", 0, 160, 112, 224, 24, 64, 64},
    {"inception4c", 0, 128, 128, 256, 24, 64, 64},   {"inception4d", 0, 112, 144, 288, 32, 64, 64},
    {"inception4e", 0, 256, 160, 320, 32, 128, 128}, {"inception5a", 2, 256, 160, 320, 32, 128, 128},
    {"inception5b", 0, 384, 192, 384, 48, 128, 128}};

ConvolutionSpec convolution(const std::string& name, int in_channels, int out_channels, int kernel_px,
                            int stride_px = 1) {
  return {name + ".conv", in_channels, out_channels,        kernel_px,
          stride_px,      1,           Nonlinearity::kRelu, name + ".bn"};
}

BlockSpec inception(const Inception& row, int in_channels) {
  const std::string branch = std::string(row.name) + ".branch";
  return {row.name,
          row.halving_pool_px,
          {{false, {convolution(branch + "1", in_channels, row.single, 1)}},
           {false,
            {convolution(branch + "2.0", in_channels, row.second_reduced, 1),
             convolution(branch + "2.1", row.second_reduced, row.second, 3)}},
           {false,
            {convolution(branch + "3.0", in_channels, row.third_reduced, 1),
             convolution(branch + "3.1", row.third_reduced, row.third, 3)}},
           {true, {convolution(branch + "4.1", in_channels, row.pooled, 1)}}}};
}

Backbone make_backbone() {
  Backbone backbone{"googlenet", {}, 0};
  backbone.blocks.push_back({"conv1", 0, {{false, {convolution("conv1", 3, 64, 7, 2)}}}});
  backbone.blocks.push_back({"conv2", 3, {{false, {convolution("conv2", 64, 64, 1)}}}});
  backbone.blocks.push_back({"conv3", 0, {{false, {convolution("conv3", 64, 192, 3)}}}});
  int channels = 192;
  for (const Inception& row : kInceptions) {
    backbone.blocks.push_back(inception(row, channels));
    channels = row.out_channels();
  }
  backbone.num_features = channels;
  return backbone;
}

}  // namespace

const Backbone& googlenet() {
  static const Backbone backbone = make_backbone();
  return backbone;
}

}  // namespace vitrine::network
