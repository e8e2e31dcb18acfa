// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "training/category_head.h"
#include "training/embedding_network.h"
#include "vitrine/image.h"

namespace vitrine::training {

/// What a model file says about itself besides its weights.
struct ModelDescription {
  std::string name;
  int input_px = 0;
  std::vector<std::string> categories;
  std::map<std::string, std::string> provenance;  ///< further metadata: how the model was made
};

/// Writes a half-precision model file with the ranges that 8-bit arithmetic needs, found on `samples`. `head`
/// is ignored if the description names no categories.
void export_model(const EmbeddingNetwork& network, const CategoryHead& head,
                  const ModelDescription& description, std::span<const Image> samples,
                  const std::filesystem::path& path);

}  // namespace vitrine::training
