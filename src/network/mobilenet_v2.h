// SPDX-License-Identifier: MIT
#pragma once
/// MobileNetV2 (Sandler et al., CVPR 2018) as a table, shared by the inference engine and the trainer. Batch
/// normalisation is folded: every convolution has a bias. Names follow torchvision.
#include <span>
#include <string>
#include <vector>

namespace vitrine::network {

/// One convolution. Padding is TensorFlow's "SAME" for even sizes: a stride-2 3x3 convolution pads one pixel
/// on the right and bottom only, a stride-1 3x3 convolution one pixel all round, a 1x1 convolution none.
struct ConvolutionSpec {
  std::string
      name;  ///< parameters are `<name>.weight` [out, in / groups, kernel, kernel] and `<name>.bias` [out]
  int in_channels = 0;
  int out_channels = 0;
  int kernel_px = 1;
  int stride_px = 1;
  int groups = 1;
  bool relu6 = true;  ///< clip the output to [0, 6]; otherwise it stays linear
};

/// A run of convolutions; with `residual` the block's input is added to its (linear) output.
struct BlockSpec {
  std::string name;  ///< "features.0" ... "features.18"
  std::vector<ConvolutionSpec> convolutions;
  bool residual = false;
};

/// The nineteen blocks of MobileNetV2 1.0, in order. Input `[n, 3, s, s]`, RGB as x / 127.5 - 1, s a multiple
/// of 32; output `[n, 1280, s / 32, s / 32]`, averaged over space by the caller.
const std::vector<BlockSpec>& mobilenet_v2_blocks();

inline constexpr int kMobileNetV2Features = 1280;

/// A Vitrine model file (safetensors, "format": "vitrine-model/1") holds
///   features.*                        the backbone, as above
///   embedding.weight [dim, 1280], embedding.bias [dim]    feature = L2-normalise(W average + b)
///   category.weight [c, dim], category.bias [c]           optional; probabilities = softmax(W feature + b)
///   detector.*                                            optional: the detection branch, see detector.h
/// and the metadata format, architecture ("mobilenet_v2"), name, input_px, feature_dim, categories (JSON
/// array of strings, same order as category.weight) and, with a detection branch, detector_input_px (side of
/// its input, a multiple of 16), detector_margin (see with_margin in detector.h) and, optional,
/// detector_min_score (ModelInfo::min_box_score). Without one there can be center_view
/// (ModelInfo::center_view).
inline constexpr const char* kModelFormat = "vitrine-model/1";
inline constexpr const char* kArchitecture = "mobilenet_v2";

}  // namespace vitrine::network
