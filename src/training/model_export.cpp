// SPDX-License-Identifier: MIT
#include "training/model_export.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "network/calibration.h"
#include "network/model_file.h"
#include "network/safetensors.h"

namespace vitrine::training {
namespace {

std::string as_text(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

}  // namespace

void export_model(const EmbeddingNetwork& network, const DetectorNetwork& detector, const CategoryHead& head,
                  const ModelDescription& description, std::span<const Image> samples,
                  const std::filesystem::path& path) {
  std::map<std::string, torch::Tensor> state = network->state();
  if (!description.categories.empty()) {
    state["category.weight"] = head.weight;
    state["category.bias"] = head.bias;
  }
  std::map<std::string, std::string> metadata = description.provenance;
  if (detector) {
    state.merge(detector->state());
    metadata["detector_input_px"] = std::to_string(description.detector_px);
    metadata["detector_margin"] = as_text(description.crop_margin);
    if (description.min_box_score > 0)
      metadata[network::kMinBoxScoreKey] = as_text(description.min_box_score);
  }
  if (description.center_view > 0) metadata[network::kCenterViewKey] = as_text(description.center_view);
  std::vector<network::NamedTensor> tensors;
  for (const auto& [name, tensor] : state) {
    const torch::Tensor values = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
    const std::vector<std::int64_t> shape(values.sizes().begin(), values.sizes().end());
    tensors.push_back(network::float16_tensor(
        name, shape, std::span(values.data_ptr<float>(), static_cast<std::size_t>(values.numel()))));
  }
  metadata["format"] = network::kModelFormat;
  metadata["architecture"] = network->backbone().architecture;
  metadata["name"] = description.name;
  metadata["input_px"] = std::to_string(description.input_px);
  metadata["feature_dim"] = std::to_string(state.at("embedding.weight").size(0));
  metadata["categories"] = nlohmann::json(description.categories).dump();
  network::write_safetensors(path, metadata, tensors);

  // The ranges belong to the rounded weights, so they are found on the model as it is read back.
  const std::vector<float> ranges = network::calibrate_activation_ranges(network::read_model(path), samples);
  tensors.push_back(
      network::float32_tensor(network::kAbsmaxTensor, {static_cast<std::int64_t>(ranges.size())}, ranges));
  network::write_safetensors(path, metadata, tensors);
}

}  // namespace vitrine::training
