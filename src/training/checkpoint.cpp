// SPDX-License-Identifier: MIT
#include "training/checkpoint.h"

#include <charconv>
#include <sstream>
#include <vector>

#include "network/safetensors.h"
#include "vitrine/error.h"

namespace vitrine::training {
namespace {

constexpr const char* kFormat = "vitrine-checkpoint/1";

std::int64_t to_integer(const network::SafetensorsFile& file, const std::string& key) {
  const std::string& text = file.required_metadata(key);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    throw Error(ErrorCode::kCorrupt, "cannot resume from '" + file.path().string() + "': metadata '" + key +
                                         "' is '" + text + "', expected a number");
  }
  return value;
}

}  // namespace

void save(const Checkpoint& checkpoint, const std::filesystem::path& path) {
  std::vector<network::NamedTensor> tensors;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const torch::Tensor values = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
    const std::vector<std::int64_t> shape(values.sizes().begin(), values.sizes().end());
    tensors.push_back(network::float32_tensor(
        name, shape, std::span(values.data_ptr<float>(), static_cast<std::size_t>(values.numel()))));
  }
  network::write_safetensors(path,
                             {{"format", kFormat},
                              {"epochs_done", std::to_string(checkpoint.epochs_done)},
                              {"steps_done", std::to_string(checkpoint.steps_done)},
                              {"options", checkpoint.options_digest},
                              {"figures", checkpoint.figures_json}},
                             tensors);
}

Checkpoint load_checkpoint(const std::filesystem::path& path) {
  const auto file = network::SafetensorsFile::open(path);
  if (file.required_metadata("format") != kFormat) {
    throw Error(ErrorCode::kCorrupt, "cannot resume from '" + path.string() + "': expected format '" +
                                         kFormat + "', found '" + file.required_metadata("format") + "'");
  }
  Checkpoint checkpoint;
  checkpoint.epochs_done = static_cast<int>(to_integer(file, "epochs_done"));
  checkpoint.steps_done = to_integer(file, "steps_done");
  checkpoint.options_digest = file.required_metadata("options");
  checkpoint.figures_json = file.required_metadata("figures");
  for (const auto& [name, view] : file.tensors()) {
    std::vector<float> values = file.floats(name, view.shape);
    checkpoint.tensors[name] = torch::from_blob(values.data(), view.shape, torch::kFloat32).clone();
  }
  return checkpoint;
}

std::string digest(const TrainingOptions& options, const PicturePool& pool, const TripletPool* triplets) {
  std::ostringstream text;
  text << "pictures=" << pool.pictures.size() << " init=" << options.init.filename().string()
       << " seed=" << options.seed << " epochs=" << options.epochs << " batch=" << options.batch_size
       << " input=" << options.input_px << " dim=" << options.feature_dim << " rate=" << options.learning_rate
       << " decay=" << options.weight_decay << " frozen=" << options.frozen_blocks;
  if (triplets == nullptr) {
    text << " repeats=" << options.shop_picture_repeats << " margin=" << options.margin
         << " scale=" << options.scale;
  } else {
    text << " triplets=" << triplets->figures.num_triplets
         << " photos=" << triplets->figures.num_training_queries
         << " triplet_margin=" << options.triplet_margin << " triplet_weight=" << options.triplet_weight
         << " shared=" << options.shared_negatives << " query_mean=" << options.query_mean
         << " per_query=" << options.triplets_per_query << " per_triplet=" << options.negatives_per_triplet;
  }
  if (options.category_only_share < 1) text << " category_only=" << options.category_only_share;
  text << " category=" << options.category_weight << " retention=" << options.retention_weight
       << " patchwork=" << options.patchwork_share << " relation=" << options.relation_weight
       << " whitening=" << options.whitening;
  if (options.quantization_weight > 0) text << " quantization=" << options.quantization_weight;
  if (options.patience > 0) text << " patience=" << options.patience;
  if (options.detector != DetectorKind::kNone) {
    text << " detector=crop detector_px=" << options.detector_px
         << " detector_steps=" << options.detector_steps
         << " detector_rate=" << options.detector_learning_rate
         << " detector_frozen=" << options.detector_frozen_blocks << " crop_margin=" << options.crop_margin
         << " near_box=" << options.near_box_share;
    if (options.detector_teacher == DetectorTeacher::kClicks)
      text << " teacher=clicks candidates=" << options.click_candidates;
  }
  if (options.joint != JointKind::kNone) {
    text << " joint=" << (options.joint == JointKind::kMask ? "mask" : "crop")
         << " joint_epochs=" << options.joint_epochs << " joint_rate=" << options.joint_learning_rate
         << " joint_features=" << options.joint_feature_rate << " box_area=" << options.box_area_weight;
  }
  return text.str();
}

}  // namespace vitrine::training
