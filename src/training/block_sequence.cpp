// SPDX-License-Identifier: MIT
#include "training/block_sequence.h"

#include <algorithm>

namespace vitrine::training {
namespace {

namespace F = torch::nn::functional;
using network::BlockSpec;
using network::ConvolutionSpec;

torch::nn::Conv2d make_convolution(const ConvolutionSpec& spec) {
  // Stride-2 convolutions pad on the right and bottom only, which Conv2d cannot say; forward pads for them.
  const int padding = spec.stride_px == 2 ? 0 : spec.kernel_px / 2;
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(spec.in_channels, spec.out_channels, spec.kernel_px)
                               .stride(spec.stride_px)
                               .padding(padding)
                               .groups(spec.groups));
}

}  // namespace

BlockSequenceImpl::BlockSequenceImpl(const std::vector<BlockSpec>& blocks) : specs_(blocks) {
  for (const BlockSpec& block : blocks) {
    auto& convolutions = blocks_.emplace_back();
    for (const ConvolutionSpec& spec : block.convolutions) {
      std::string module_name = spec.name;
      // LibTorch forbids dots in module names
      std::replace(module_name.begin(), module_name.end(), '.', '_');
      convolutions.push_back(register_module(module_name, make_convolution(spec)));
    }
  }
}

torch::Tensor BlockSequenceImpl::forward(torch::Tensor x, std::size_t first, std::size_t last) {
  for (std::size_t b = first; b < last; ++b) {
    const torch::Tensor input = x;
    for (std::size_t i = 0; i < blocks_[b].size(); ++i) {
      const ConvolutionSpec& spec = specs_[b].convolutions[i];
      if (spec.stride_px == 2) x = F::pad(x, F::PadFuncOptions({0, 1, 0, 1}));
      x = blocks_[b][i]->forward(x);
      // hardtanh is ReLU6 with a gradient at every precision
      if (spec.relu6) x = torch::hardtanh(x, 0.0, 6.0);
    }
    if (specs_[b].residual) x = x + input;
  }
  return x;
}

std::vector<torch::Tensor> BlockSequenceImpl::parameters_from(std::size_t first) const {
  std::vector<torch::Tensor> parameters;
  for (std::size_t b = first; b < blocks_.size(); ++b) {
    for (const auto& convolution : blocks_[b]) {
      parameters.push_back(convolution->weight);
      parameters.push_back(convolution->bias);
    }
  }
  return parameters;
}

std::map<std::string, torch::Tensor> BlockSequenceImpl::state() const {
  std::map<std::string, torch::Tensor> state;
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    for (std::size_t i = 0; i < blocks_[b].size(); ++i) {
      state[specs_[b].convolutions[i].name + ".weight"] = blocks_[b][i]->weight;
      state[specs_[b].convolutions[i].name + ".bias"] = blocks_[b][i]->bias;
    }
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
