// SPDX-License-Identifier: MIT
#pragma once
/// A model file, read and checked. mobilenet_v2.h says what such a file holds.
#include <filesystem>
#include <optional>
#include <vector>

#include "network/mobilenet_v2.h"
#include "network/safetensors.h"
#include "vitrine/embedder.h"

namespace vitrine::network {

/// Optional tensor [number of convolutions], F32: the range of magnitudes of each convolution's output (with
/// the residual added, where there is one), in table order; larger ones are clipped. Needed for 8-bit
/// arithmetic; see calibration.h.
inline constexpr const char* kAbsmaxTensor = "quantization.absmax";

struct ConvolutionParameters {
  MappedFloats weight;      ///< `[out, in / groups, kernel, kernel]`
  std::vector<float> bias;  ///< `[out]`
};

/// y = weight x + bias.
struct LinearParameters {
  std::vector<float> weight;  ///< `[bias.size(), in]`, row-major
  std::vector<float> bias;
};

struct Model {
  ModelInfo info;
  std::vector<ConvolutionParameters> convolutions;  ///< in table order
  std::optional<LinearParameters> embedding;        ///< none: the feature is the L2-normalised average itself
  std::optional<LinearParameters> category;
  std::vector<float> activation_absmax;  ///< one per convolution; empty: not calibrated
};

/// The convolutions of all blocks, in table order.
const std::vector<ConvolutionSpec>& mobilenet_v2_convolutions();

/// Errors: those of SafetensorsFile; kCorrupt if the file is no Vitrine model, lacks a tensor or has one of
/// another shape, or its settings contradict each other; kUnsupported for a newer format version.
Model read_model(const std::filesystem::path& path);

}  // namespace vitrine::network
