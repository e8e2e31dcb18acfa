// SPDX-License-Identifier: MIT
#pragma once
/// A complete model with random weights, scaled so that activations neither vanish nor explode, and random
/// pictures.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "network/backbone.h"
#include "network/safetensors.h"
#include "vitrine/image.h"

namespace vitrine::test {

struct ModelParts {
  std::map<std::string, std::string> metadata;
  std::vector<network::NamedTensor> tensors;

  network::NamedTensor& tensor(const std::string& name);
  void erase(const std::string& name);
  void write(const std::filesystem::path& path) const;
};

inline constexpr int kRandomModelInputPx = 64;

/// Backbone in half precision, 128-d embedding, five categories.
ModelParts random_model(const network::Backbone& backbone = network::mobilenet_v2());

inline constexpr int kRandomDetectorInputPx = 48;

/// The same with a detection branch and a margin of 0.125.
ModelParts random_model_with_detector();

/// Adds ranges found on `pictures` to the model.
void calibrate(ModelParts& parts, const std::vector<Image>& pictures);

/// Blurred noise with a colour of its own per seed, so that features differ.
Image random_picture(int width_px, int height_px, unsigned seed);

}  // namespace vitrine::test
