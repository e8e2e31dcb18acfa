// SPDX-License-Identifier: MIT
#include "training/labels.h"

#include <nlohmann/json.hpp>

#include "vitrine/error.h"
#include "vitrine/training.h"

namespace vitrine {

std::string training::text_attribute(const std::string& attributes_json, const char* key,
                                     const char* otherwise) {
  const auto attributes = nlohmann::json::parse(attributes_json, nullptr, /*allow_exceptions=*/false);
  if (!attributes.is_object()) return otherwise;
  const auto it = attributes.find(key);
  return it != attributes.end() && it->is_string() ? it->get<std::string>() : std::string(otherwise);
}

std::vector<TrainingPicture> training_pictures(const std::vector<IngestEntry>& entries) {
  std::vector<TrainingPicture> pictures;
  for (const IngestEntry& entry : entries) {
    const std::string split = training::text_attribute(entry.attributes_json, "split", "train");
    const std::string role = training::text_attribute(entry.attributes_json, "role", "photo");
    if ((split != "train" && split != "val") || (role != "photo" && role != "shop")) {
      throw Error(ErrorCode::kInvalidArgument, "cannot use '" + entry.path + "' for training: split is '" +
                                                   split + "' (expected train or val), role is '" + role +
                                                   "' (expected photo or shop)");
    }
    pictures.push_back({entry.path, entry.key.product, entry.category,
                        split == "val" ? Split::kValidation : Split::kTrain, role == "shop"});
  }
  return pictures;
}

}  // namespace vitrine
