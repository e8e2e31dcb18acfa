// SPDX-License-Identifier: MIT
#include "training/block_sequence.h"

#include <algorithm>

namespace vitrine::training {
namespace {

namespace F = torch::nn::functional;
using network::BlockSpec;
using network::ConvolutionSpec;

// Unequal padding is what Conv2d cannot say; convolve() pads for it.
bool pads_equally(const ConvolutionSpec& spec) {
  return spec.padding_before_px() == spec.padding_after_px();
}

torch::nn::Conv2d make_convolution(const ConvolutionSpec& spec) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(spec.in_channels, spec.out_channels, spec.kernel_px)
                               .stride(spec.stride_px)
                               .padding(pads_equally(spec) ? spec.padding_before_px() : 0)
                               .groups(spec.groups));
}

torch::Tensor halved(const torch::Tensor& x, int kernel_px) {
  return torch::max_pool2d(x, kernel_px, /*stride=*/2, /*padding=*/0, /*dilation=*/1, /*ceil_mode=*/true);
}

}  // namespace

BlockSequenceImpl::BlockSequenceImpl(const std::vector<BlockSpec>& blocks)
    : specs_(blocks), convolution_specs_(network::convolutions_of(blocks)) {
  for (const ConvolutionSpec* spec : convolution_specs_) {
    std::string module_name = spec->name;
    // LibTorch forbids dots in module names
    std::replace(module_name.begin(), module_name.end(), '.', '_');
    convolutions_.push_back(register_module(module_name, make_convolution(*spec)));
  }
}

torch::Tensor BlockSequenceImpl::forward(torch::Tensor x, std::size_t first, std::size_t last) {
  std::size_t next = first_convolution(first);
  for (std::size_t b = first; b < last; ++b) {
    x = forward(std::move(x), specs_[b], next);
    next = first_convolution(b + 1);
  }
  return x;
}

torch::Tensor BlockSequenceImpl::forward(torch::Tensor x, const BlockSpec& block, std::size_t next) {
  if (block.halving_pool_px > 0) x = halved(x, block.halving_pool_px);
  std::vector<torch::Tensor> outputs;
  for (const network::BranchSpec& branch : block.branches) {
    torch::Tensor y = branch.pools ? torch::max_pool2d(x, 3, /*stride=*/1, /*padding=*/1) : x;
    for (const ConvolutionSpec& spec : branch.convolutions) y = convolve(std::move(y), spec, next++);
    outputs.push_back(std::move(y));
  }
  if (outputs.size() > 1) return torch::cat(outputs, 1);
  return block.residual ? outputs.front() + x : outputs.front();
}

torch::Tensor BlockSequenceImpl::convolve(torch::Tensor x, const ConvolutionSpec& spec, std::size_t index) {
  if (!pads_equally(spec)) {
    const std::int64_t before = spec.padding_before_px();
    const std::int64_t after = spec.padding_after_px();
    x = F::pad(x, F::PadFuncOptions({before, after, before, after}));
  }
  x = convolutions_[index]->forward(x);
  switch (spec.nonlinearity) {
    case network::Nonlinearity::kRelu:
      return torch::relu(x);
    case network::Nonlinearity::kRelu6:
      // ReLU6 with a gradient at every precision
      return torch::hardtanh(x, 0.0, 6.0);
    default:
      return x;
  }
}

std::size_t BlockSequenceImpl::first_convolution(std::size_t block) const {
  std::size_t count = 0;
  for (std::size_t b = 0; b < block; ++b)
    for (const network::BranchSpec& branch : specs_[b].branches) count += branch.convolutions.size();
  return count;
}

std::vector<torch::Tensor> BlockSequenceImpl::parameters_from(std::size_t first) const {
  std::vector<torch::Tensor> parameters;
  for (std::size_t i = first_convolution(first); i < convolutions_.size(); ++i) {
    parameters.push_back(convolutions_[i]->weight);
    parameters.push_back(convolutions_[i]->bias);
  }
  return parameters;
}

std::map<std::string, torch::Tensor> BlockSequenceImpl::state() const {
  std::map<std::string, torch::Tensor> state;
  for (std::size_t i = 0; i < convolutions_.size(); ++i) {
    state[convolution_specs_[i]->name + ".weight"] = convolutions_[i]->weight;
    state[convolution_specs_[i]->name + ".bias"] = convolutions_[i]->bias;
  }
  return state;
}

void load_parameter(torch::Tensor parameter, const network::SafetensorsFile& file, const std::string& name) {
  torch::NoGradGuard no_gradient;
  const auto sizes = parameter.sizes();
  const std::vector<std::int64_t> shape(sizes.begin(), sizes.end());
  std::vector<float> values = file.floats(name, shape);
  parameter.copy_(torch::from_blob(values.data(), shape, torch::kFloat32));
}

void use_channels_last(torch::nn::Module& module) {
  torch::NoGradGuard no_gradient;
  for (torch::Tensor& parameter : module.parameters()) {
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
  }
}

}  // namespace vitrine::training
