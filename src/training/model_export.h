// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "training/category_head.h"
#include "training/detector_network.h"
#include "training/embedding_network.h"
#include "vitrine/image.h"

namespace vitrine::training {

/// What a model file says about itself besides its weights.
struct ModelDescription {
  std::string name;
  int input_px = 0;
  std::vector<std::string> categories;
  int detector_px = 0;  ///< side of the detection branch's input; without meaning if there is none
  double crop_margin = 0;
  double min_box_score = 0;  ///< see ModelInfo; without meaning if there is no detection branch
  double center_view = 0;    ///< see ModelInfo
  std::map<std::string, std::string> provenance;  ///< further metadata: how the model was made
};

/// Writes a half-precision model file with the ranges that 8-bit arithmetic needs, found on `samples`. `head`
/// is ignored if the description names no categories.
/// `detector` may be null: then the model describes whole pictures. `samples` are described whole.
void export_model(const EmbeddingNetwork& network, const DetectorNetwork& detector, const CategoryHead& head,
                  const ModelDescription& description, std::span<const Image> samples,
                  const std::filesystem::path& path);

}  // namespace vitrine::training
