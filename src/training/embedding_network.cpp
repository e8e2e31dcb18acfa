// SPDX-License-Identifier: MIT
#include "training/embedding_network.h"

#include <span>
#include <utility>

namespace vitrine::training {
namespace F = torch::nn::functional;

namespace {

// torchvision's, of the networks whose normalisation the tables name.
constexpr double kNormalizationEpsilon = 1e-3;

torch::Tensor read(const network::SafetensorsFile& file, const std::string& name, std::int64_t size) {
  std::vector<float> values = file.floats(name, std::span(&size, 1));
  return torch::from_blob(values.data(), {size}, torch::kFloat32).clone();
}

// y = gain (x - mean) / sqrt(variance + epsilon) + shift, of the output channels.
void fold_normalization(EmbeddingNetwork& network, const network::ConvolutionSpec& spec,
                        const network::SafetensorsFile& file) {
  torch::NoGradGuard no_gradient;
  const auto state = network->state();
  const auto part = [&](const char* name) {
    return read(file, spec.normalization + name, spec.out_channels);
  };
  const torch::Tensor gain = part(".weight") / torch::sqrt(part(".running_var") + kNormalizationEpsilon);
  state.at(spec.name + ".weight").mul_(gain.view({-1, 1, 1, 1}));
  state.at(spec.name + ".bias").copy_(part(".bias") - part(".running_mean") * gain);
}

}  // namespace

EmbeddingNetworkImpl::EmbeddingNetworkImpl(std::int64_t feature_dim, const network::Backbone& backbone)
    : backbone_(backbone), blocks_(backbone.blocks) {
  const torch::nn::Linear initial(backbone.num_features, feature_dim);
  projection_weight_ = initial->weight;
  projection_bias_ = initial->bias;
}

void EmbeddingNetworkImpl::move_to(torch::Device device) {
  blocks_->move_to(device);
  for (torch::Tensor* parameter : {&projection_weight_, &projection_bias_})
    *parameter = parameter->detach().to(device).requires_grad_();
}

torch::Tensor EmbeddingNetworkImpl::forward_blocks(const torch::Tensor& x, std::size_t first,
                                                   std::size_t last) {
  return blocks_->forward(x.to(device()), first, last);
}

torch::Tensor EmbeddingNetworkImpl::average(const torch::Tensor& x) {
  return x.mean({2, 3});
}

torch::Tensor EmbeddingNetworkImpl::project(const torch::Tensor& averaged) {
  return F::normalize(F::linear(averaged.to(device()), projection_weight_, projection_bias_),
                      F::NormalizeFuncOptions().p(2).dim(1).eps(1e-8));
}

torch::Tensor EmbeddingNetworkImpl::forward(const torch::Tensor& x) {
  return project(average(forward_blocks(x, 0, num_blocks())));
}

std::map<std::string, torch::Tensor> EmbeddingNetworkImpl::state() const {
  std::map<std::string, torch::Tensor> state = blocks_->state();
  state["embedding.weight"] = projection_weight_;
  state["embedding.bias"] = projection_bias_;
  return state;
}

bool load_weights(EmbeddingNetwork& network, const network::SafetensorsFile& file) {
  const bool has_projection = file.contains("embedding.weight");
  std::map<std::string, torch::Tensor> state = network->state();
  if (!has_projection)
    std::erase_if(state, [](const auto& entry) { return entry.first.starts_with("embedding."); });
  std::vector<const network::ConvolutionSpec*> normalized;
  for (const network::ConvolutionSpec* spec : network::convolutions_of(network->backbone().blocks)) {
    if (spec->normalization.empty() || !file.contains(spec->normalization + ".weight")) continue;
    normalized.push_back(spec);
    state.erase(spec->name + ".bias");
  }
  for (const auto& [name, parameter] : state) load_parameter(parameter, file, name);
  for (const network::ConvolutionSpec* spec : normalized) fold_normalization(network, *spec, file);
  return has_projection;
}

EmbeddingNetwork average_of(const EmbeddingNetwork& a, const EmbeddingNetwork& b, double share) {
  EmbeddingNetwork average(a->projection_bias().size(0), a->backbone());
  average->move_to(a->device());
  torch::NoGradGuard no_gradient;
  const auto from_a = a->state();
  const auto from_b = b->state();
  for (const auto& [name, parameter] : average->state())
    parameter.copy_(from_a.at(name) * share + from_b.at(name) * (1 - share));
  return average;
}

}  // namespace vitrine::training
