// SPDX-License-Identifier: MIT
#include "training/detector_network.h"

#include <cmath>
#include <string_view>

#include "network/backbone.h"

namespace vitrine::training {
namespace {

// Centres of the cells of a g x g map, `[g g, 2]` as (x, y).
torch::Tensor cell_centers(std::int64_t grid, const torch::TensorOptions& options) {
  const torch::Tensor places = (torch::arange(grid, options) + 0.5) / static_cast<double>(grid);
  const auto planes = torch::meshgrid({places, places}, "ij");
  return torch::stack({planes[1].reshape(-1), planes[0].reshape(-1)}, 1);
}

}  // namespace

DetectorNetworkImpl::DetectorNetworkImpl(double initial_side) : blocks_(network::detector_blocks()) {
  torch::NoGradGuard no_gradient;
  auto state = blocks_->state();
  state.at("detector.head.1.weight").mul_(0.1);
  torch::Tensor bias = state.at("detector.head.1.bias");
  bias.zero_();
  bias.slice(0, 3).fill_(std::log(initial_side / (1 - initial_side)));
}

Detections DetectorNetworkImpl::forward(const torch::Tensor& images) {
  torch::Tensor trunk = images.to(device());
  if (num_frozen_ > 0) {
    torch::NoGradGuard no_gradient;
    trunk = blocks_->forward(std::move(trunk), 0, num_frozen_);
  }
  const torch::Tensor map = blocks_->forward(trunk, num_frozen_, blocks_->num_blocks());
  const torch::Tensor cells = map.flatten(2).transpose(1, 2);  // [n, g g, 5]
  Detections result;
  result.attention = cells.select(2, 0).softmax(1);
  const torch::Tensor centers = cells.slice(2, 1, 3) + cell_centers(map.size(2), map.options());
  const torch::Tensor half_sizes = 0.5 * cells.slice(2, 3, 5).sigmoid();
  result.cell_boxes = torch::cat({centers - half_sizes, centers + half_sizes}, 2);
  result.boxes = (result.cell_boxes * result.attention.unsqueeze(2)).sum(1);
  return result;
}

namespace {

constexpr const char* kHeadWeight = "detector.head.0.weight";

}  // namespace

bool can_start_from(const network::SafetensorsFile& file) {
  return file.contains(kHeadWeight) || &network::backbone_of(file) == &network::mobilenet_v2();
}

bool load_weights(DetectorNetwork& detector, const network::SafetensorsFile& file) {
  constexpr std::string_view kPrefix = "detector.";
  const bool has_detector = file.contains(kHeadWeight);
  for (const auto& [name, parameter] : detector->state()) {
    if (has_detector) {
      load_parameter(parameter, file, name);
    } else if (!name.starts_with("detector.head.")) {
      load_parameter(parameter, file, name.substr(kPrefix.size()));
    }
  }
  return has_detector;
}

}  // namespace vitrine::training
