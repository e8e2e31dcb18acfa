// SPDX-License-Identifier: MIT
#pragma once
/// Backbones and heads as plain loops over the definition, to compare the real thing with.
#include <filesystem>
#include <vector>

#include "vitrine/image.h"

namespace vitrine::test {

struct ReferenceResult {
  std::vector<float> feature;
  std::vector<float> category_probabilities;
};

/// `picture` has the model's input size. Needs embedding and category head.
ReferenceResult reference_embedding(const std::filesystem::path& model, const Image& picture);

/// The detection branch's map `[grid, grid, 5]`, row-major; `picture` has its input size.
std::vector<float> reference_detector_map(const std::filesystem::path& model, const Image& picture);

}  // namespace vitrine::test
