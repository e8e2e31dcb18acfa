// SPDX-License-Identifier: MIT
#include "training/embedding_network.h"

#include <utility>

#include "network/mobilenet_v2.h"

namespace vitrine::training {
namespace F = torch::nn::functional;

EmbeddingNetworkImpl::EmbeddingNetworkImpl(std::int64_t feature_dim)
    : blocks_(register_module("blocks", BlockSequence(network::mobilenet_v2_blocks()))),
      projection_(
          register_module("embedding", torch::nn::Linear(network::kMobileNetV2Features, feature_dim))) {
  to(torch::kFloat32, /*non_blocking=*/false);
}

std::size_t EmbeddingNetworkImpl::num_blocks() {
  return network::mobilenet_v2_blocks().size();
}

torch::Tensor EmbeddingNetworkImpl::forward_blocks(torch::Tensor x, std::size_t first, std::size_t last) {
  return blocks_->forward(std::move(x), first, last);
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

std::map<std::string, torch::Tensor> EmbeddingNetworkImpl::state() const {
  std::map<std::string, torch::Tensor> state = blocks_->state();
  state["embedding.weight"] = projection_->weight;
  state["embedding.bias"] = projection_->bias;
  return state;
}

bool load_weights(EmbeddingNetwork& network, const network::SafetensorsFile& file) {
  const bool has_projection = file.contains("embedding.weight");
  for (const auto& [name, parameter] : network->state()) {
    if (has_projection || !name.starts_with("embedding.")) load_parameter(parameter, file, name);
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
