// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "training/category_head.h"
#include "training/embedding_network.h"

namespace vitrine::training {

/// What a model file says about itself besides its weights.
struct ModelDescription {
  std::string name;
  int input_px = 0;
  std::vector<std::string> categories;
  std::map<std::string, std::string> provenance;  ///< further metadata: how the model was made
};

/// Writes a half-precision model file. `head` may have empty tensors (no categories).
void export_model(const EmbeddingNetwork& network, const CategoryHead& head, const ModelDescription& description,
                  const std::filesystem::path& path);

}  // namespace vitrine::training
