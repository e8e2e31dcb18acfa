// SPDX-License-Identifier: MIT
#include "training/embedding_network.h"

#include <algorithm>

#include "network/mobilenet_v2.h"

namespace vitrine::training {
namespace {

namespace F = torch::nn::functional;
using network::BlockSpec;
using network::ConvolutionSpec;

torch::nn::Conv2d make_convolution(const ConvolutionSpec& spec) {
  // Stride-2 convolutions pad on the right and bottom only, which Conv2d cannot say; forward_blocks pads for
  // them.
  const int padding = spec.stride_px == 2 ? 0 : spec.kernel_px / 2;
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(spec.in_channels, spec.out_channels, spec.kernel_px)
                               .stride(spec.stride_px)
                               .padding(padding)
                               .groups(spec.groups));
}

}  // namespace

EmbeddingNetworkImpl::EmbeddingNetworkImpl(std::int64_t feature_dim)
    : projection_(
          register_module("embedding", torch::nn::Linear(network::kMobileNetV2Features, feature_dim))) {
  for (const BlockSpec& block : network::mobilenet_v2_blocks()) {
    auto& convolutions = blocks_.emplace_back();
    for (const ConvolutionSpec& spec : block.convolutions) {
      std::string module_name = spec.name;
      std::replace(module_name.begin(), module_name.end(), '.',
                   '_');  // LibTorch forbids dots in module names
      convolutions.push_back(register_module(module_name, make_convolution(spec)));
    }
  }
  to(torch::kFloat32, /*non_blocking=*/false);
}

std::size_t EmbeddingNetworkImpl::num_blocks() {
  return network::mobilenet_v2_blocks().size();
}

torch::Tensor EmbeddingNetworkImpl::forward_blocks(torch::Tensor x, std::size_t first, std::size_t last) {
  const auto& specs = network::mobilenet_v2_blocks();
  for (std::size_t b = first; b < last; ++b) {
    const torch::Tensor input = x;
    for (std::size_t i = 0; i < blocks_[b].size(); ++i) {
      const ConvolutionSpec& spec = specs[b].convolutions[i];
      if (spec.stride_px == 2) x = F::pad(x, F::PadFuncOptions({0, 1, 0, 1}));
      x = blocks_[b][i]->forward(x);
      // hardtanh is ReLU6 with a gradient at every precision
      if (spec.relu6) x = torch::hardtanh(x, 0.0, 6.0);
    }
    if (specs[b].residual) x = x + input;
  }
  return x;
}

torch::Tensor EmbeddingNetworkImpl::average(const torch::Tensor& x) {
  return x.mean({2, 3});
}

torch::Tensor EmbeddingNetworkImpl::project(const torch::Tensor& averaged) {
  return F::normalize(projection_->forward(averaged), F::NormalizeFuncOptions().p(2).dim(1).eps(1e-8));
}

torch::Tensor EmbeddingNetworkImpl::forward(const torch::Tensor& x) {
  return project(average(forward_blocks(x, 0, num_blocks())));
}

std::vector<torch::Tensor> EmbeddingNetworkImpl::block_parameters(std::size_t first) const {
  std::vector<torch::Tensor> parameters;
  for (std::size_t b = first; b < blocks_.size(); ++b) {
    for (const auto& convolution : blocks_[b]) {
      parameters.push_back(convolution->weight);
      parameters.push_back(convolution->bias);
    }
  }
  return parameters;
}

std::map<std::string, torch::Tensor> EmbeddingNetworkImpl::state() const {
  std::map<std::string, torch::Tensor> state;
  const auto& specs = network::mobilenet_v2_blocks();
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    for (std::size_t i = 0; i < blocks_[b].size(); ++i) {
      state[specs[b].convolutions[i].name + ".weight"] = blocks_[b][i]->weight;
      state[specs[b].convolutions[i].name + ".bias"] = blocks_[b][i]->bias;
    }
  }
  state["embedding.weight"] = projection_->weight;
  state["embedding.bias"] = projection_->bias;
  return state;
}

bool load_weights(EmbeddingNetwork& network, const network::SafetensorsFile& file) {
  torch::NoGradGuard no_gradient;
  const bool has_projection = file.contains("embedding.weight");
  for (auto& [name, parameter] : network->state()) {
    if (!has_projection && name.starts_with("embedding.")) continue;
    const auto sizes = parameter.sizes();
    const std::vector<std::int64_t> shape(sizes.begin(), sizes.end());
    std::vector<float> values = file.floats(name, shape);
    parameter.copy_(torch::from_blob(values.data(), shape, torch::kFloat32));
  }
  return has_projection;
}

void set_to_average(EmbeddingNetwork& target, const EmbeddingNetwork& a, const EmbeddingNetwork& b,
                    double share) {
  torch::NoGradGuard no_gradient;
  const auto from_a = a->state();
  const auto from_b = b->state();
  for (auto& [name, parameter] : target->state()) {
    parameter.copy_(from_a.at(name) * share + from_b.at(name) * (1 - share));
  }
}

}  // namespace vitrine::training
