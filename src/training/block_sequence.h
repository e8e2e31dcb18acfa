// SPDX-License-Identifier: MIT
#pragma once
#include <map>
#include <string>
#include <vector>

#include "network/layers.h"
#include "network/safetensors.h"
#include "training/torch.h"

namespace vitrine::training {

/// The convolutions of a table of blocks, as trained: what src/network runs for inference. A module by
/// name: its tensors are not registered, since LibTorch moves registered ones only between devices of the
/// processor's kind, such as CUDA. Ask state() for them.
class BlockSequenceImpl : public torch::nn::Module {
 public:
  /// `blocks` must outlive the module.
  explicit BlockSequenceImpl(const std::vector<network::BlockSpec>& blocks);

  /// Runs blocks first to last - 1.
  torch::Tensor forward(torch::Tensor x, std::size_t first, std::size_t last);
  std::size_t num_blocks() const { return specs_.size(); }
  /// Parameters of blocks from `first` on.
  std::vector<torch::Tensor> parameters_from(std::size_t first) const;
  /// Parameters under their names in a model file. The tensors share memory with the module.
  std::map<std::string, torch::Tensor> state() const;
  /// See EmbeddingNetworkImpl::move_to.
  void move_to(torch::Device device);
  torch::Device device() const { return convolutions_.front().weight.device(); }

 private:
  struct Convolution {
    torch::Tensor weight;  // channels last, which is 1.4 times faster on the processor
    torch::Tensor bias;
  };
  static Convolution random_convolution(const network::ConvolutionSpec& spec);
  torch::Tensor forward(torch::Tensor x, const network::BlockSpec& block, std::size_t first_convolution);
  torch::Tensor convolve(torch::Tensor x, const network::ConvolutionSpec& spec, std::size_t index);
  std::size_t first_convolution(std::size_t block) const;

  const std::vector<network::BlockSpec>& specs_;
  std::vector<const network::ConvolutionSpec*> convolution_specs_;
  std::vector<Convolution> convolutions_;  // as convolution_specs_
};
TORCH_MODULE(BlockSequence);

/// Copies `file`'s tensor `name` into `parameter`. Errors as in SafetensorsFile::floats.
void load_parameter(torch::Tensor parameter, const network::SafetensorsFile& file, const std::string& name);

/// Switches off the gradients of all these parameters.
void rest(const std::map<std::string, torch::Tensor>& state);

}  // namespace vitrine::training
