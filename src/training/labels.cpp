// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <map>

#include "engine/text_attribute.h"
#include "vitrine/error.h"
#include "vitrine/training.h"

namespace vitrine {
namespace {

BoxPx true_box(const IngestEntry& entry) {
  const auto edge = [&](const char* name) {
    const auto it = entry.quality.find(name);
    if (it == entry.quality.end() || !(std::abs(it->second) < std::numeric_limits<int>::max())) {
      throw Error(ErrorCode::kInvalidArgument, "cannot read the box of '" + entry.path +
                                                   "': expected numbers x0, y0, x1 and y1, '" + name +
                                                   "' is none");
    }
    return static_cast<int>(std::lround(it->second));
  };
  const BoxPx box{edge("x0"), edge("y0"), edge("x1"), edge("y1")};
  if (box.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot use the box of '" + entry.path +
                    "': it has no area; x1 and y1 lie right of and below x0 and y0");
  }
  return box;
}

}  // namespace

std::vector<TrainingPicture> training_pictures(const std::vector<IngestEntry>& entries) {
  std::vector<TrainingPicture> pictures;
  for (const IngestEntry& entry : entries) {
    const std::string split = engine::text_attribute(entry.attributes_json, "split").value_or("train");
    const std::string role = engine::text_attribute(entry.attributes_json, "role").value_or("photo");
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

std::size_t set_true_boxes(const std::vector<IngestEntry>& entries, std::vector<TrainingPicture>& pictures) {
  std::map<std::filesystem::path, BoxPx> boxes;
  for (const IngestEntry& entry : entries)
    boxes[std::filesystem::path(entry.path).lexically_normal()] = true_box(entry);
  std::size_t num_set = 0;
  for (TrainingPicture& picture : pictures) {
    const auto found = boxes.find(picture.path.lexically_normal());
    if (found == boxes.end()) continue;
    picture.true_box_px = found->second;
    ++num_set;
  }
  return num_set;
}

}  // namespace vitrine
