// SPDX-License-Identifier: MIT
#include "training/block_sequence.h"

namespace vitrine::training {
namespace {

namespace F = torch::nn::functional;
using network::BlockSpec;
using network::ConvolutionSpec;

// Unequal padding is what conv2d cannot say; convolve() pads for it.
bool pads_equally(const ConvolutionSpec& spec) {
  return spec.padding_before_px() == spec.padding_after_px();
}

torch::Tensor halved(const torch::Tensor& x, int kernel_px) {
  return torch::max_pool2d(x, kernel_px, /*stride=*/2, /*padding=*/0, /*dilation=*/1, /*ceil_mode=*/true);
}

}  // namespace

BlockSequenceImpl::BlockSequenceImpl(const std::vector<BlockSpec>& blocks)
    : specs_(blocks), convolution_specs_(network::convolutions_of(blocks)) {
  for (const ConvolutionSpec* spec : convolution_specs_) convolutions_.push_back(random_convolution(*spec));
}

BlockSequenceImpl::Convolution BlockSequenceImpl::random_convolution(const ConvolutionSpec& spec) {
  const torch::nn::Conv2d initial(
      torch::nn::Conv2dOptions(spec.in_channels, spec.out_channels, spec.kernel_px).groups(spec.groups));
  const torch::Tensor weight = initial->weight.detach().contiguous(torch::MemoryFormat::ChannelsLast);
  return {weight.requires_grad_(), initial->bias};
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
  const std::int64_t padding = pads_equally(spec) ? spec.padding_before_px() : 0;
  x = torch::conv2d(x, convolutions_[index].weight, convolutions_[index].bias, spec.stride_px, padding,
                    /*dilation=*/1, spec.groups);
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
    parameters.push_back(convolutions_[i].weight);
    parameters.push_back(convolutions_[i].bias);
  }
  return parameters;
}

std::map<std::string, torch::Tensor> BlockSequenceImpl::state() const {
  std::map<std::string, torch::Tensor> state;
  for (std::size_t i = 0; i < convolutions_.size(); ++i) {
    state[convolution_specs_[i]->name + ".weight"] = convolutions_[i].weight;
    state[convolution_specs_[i]->name + ".bias"] = convolutions_[i].bias;
  }
  return state;
}

void BlockSequenceImpl::move_to(torch::Device device) {
  for (Convolution& convolution : convolutions_) {
    convolution.weight = convolution.weight.detach().to(device).requires_grad_();
    convolution.bias = convolution.bias.detach().to(device).requires_grad_();
  }
}

void load_parameter(torch::Tensor parameter, const network::SafetensorsFile& file, const std::string& name) {
  torch::NoGradGuard no_gradient;
  const auto sizes = parameter.sizes();
  const std::vector<std::int64_t> shape(sizes.begin(), sizes.end());
  std::vector<float> values = file.floats(name, shape);
  parameter.copy_(torch::from_blob(values.data(), shape, torch::kFloat32));
}

void rest(const std::map<std::string, torch::Tensor>& state) {
  for (const auto& [name, parameter] : state) parameter.requires_grad_(false);
}

}  // namespace vitrine::training
