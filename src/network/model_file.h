// SPDX-License-Identifier: MIT
#pragma once
/// A model file, read and checked: safetensors with
///   the backbone's tensors                                see backbone.h
///   embedding.weight [dim, features], embedding.bias [dim]    feature = L2-normalise(W average + b)
///   category.weight [c, dim], category.bias [c]           optional; probabilities = softmax(W feature + b)
///   detector.*                                            optional: the detection branch, see detector.h
/// and the metadata format ("vitrine-model/1"), architecture (Backbone::architecture), name, input_px,
/// feature_dim, categories (JSON array of strings, same order as category.weight) and, with a detection
/// branch, detector_input_px (side of its input, a multiple of 16), detector_margin (see with_margin in
/// detector.h) and, optional, detector_min_score (ModelInfo::min_box_score); optional center_view
/// (ModelInfo::center_view).
#include <filesystem>
#include <optional>
#include <vector>

#include "network/backbone.h"
#include "network/detector.h"
#include "network/safetensors.h"
#include "vitrine/embedder.h"

namespace vitrine::network {

inline constexpr const char* kModelFormat = "vitrine-model/1";

/// Optional tensor [number of convolutions], F32: the range of magnitudes of each convolution's output (with
/// the residual added, where there is one), in table order; larger ones are clipped. Needed for 8-bit
/// arithmetic; see calibration.h.
inline constexpr const char* kAbsmaxTensor = "quantization.absmax";

/// Optional metadata of a model with a detection branch: ModelInfo::min_box_score, a number from 0 to 1.
inline constexpr const char* kMinBoxScoreKey = "detector_min_score";
/// Optional metadata: ModelInfo::center_view, a number from 0.1 to 1, or 0.
inline constexpr const char* kCenterViewKey = "center_view";

struct ConvolutionParameters {
  const ConvolutionSpec* spec = nullptr;  ///< the row of the table; lives as long as the program
  MappedFloats weight;                    ///< `[out, in / groups, kernel, kernel]`
  std::vector<float> bias;                ///< `[out]`
};

/// The convolutions of a table of blocks with their weights: what runs on a square picture.
struct ConvolutionStack {
  const std::vector<BlockSpec>* blocks = nullptr;   ///< lives as long as the program
  int input_px = 0;                                 ///< side of the picture
  std::vector<ConvolutionParameters> convolutions;  ///< in table order
  std::vector<float> activation_absmax;             ///< one per convolution; empty: not calibrated
};

/// y = weight x + bias.
struct LinearParameters {
  std::vector<float> weight;  ///< `[bias.size(), in]`, row-major
  std::vector<float> bias;
};

/// Finds the box whose content is described.
struct Detector {
  ConvolutionStack stack;
  double margin = 0;  ///< see crop_of
};

struct Model {
  ModelInfo info;
  std::optional<Detector> detector;  ///< none: the whole picture is described
  ConvolutionStack backbone;
  std::optional<LinearParameters> embedding;  ///< none: the feature is the L2-normalised average itself
  std::optional<LinearParameters> category;
};

/// The weights of `blocks` under their names. Errors: those of SafetensorsFile; kCorrupt if one is missing or
/// has another shape.
ConvolutionStack read_stack(const SafetensorsFile& file, const std::vector<BlockSpec>& blocks, int input_px);

/// Errors: those of SafetensorsFile; kCorrupt if the file is no Vitrine model, lacks a tensor or has one of
/// another shape, or its settings contradict each other; kUnsupported for a newer format version.
Model read_model(const std::filesystem::path& path);

}  // namespace vitrine::network
