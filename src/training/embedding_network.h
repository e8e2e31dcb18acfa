// SPDX-License-Identifier: MIT
#pragma once
#include <map>
#include <string>
#include <vector>

#include "network/backbone.h"
#include "network/safetensors.h"
#include "training/block_sequence.h"

namespace vitrine::training {

/// A backbone followed by a linear projection, as trained: the same network that src/network runs for
/// inference.
class EmbeddingNetworkImpl : public torch::nn::Module {
 public:
  /// `backbone` lives as long as the program.
  explicit EmbeddingNetworkImpl(std::int64_t feature_dim,
                                const network::Backbone& backbone = network::mobilenet_v2());

  const network::Backbone& backbone() const { return backbone_; }

  /// Runs blocks first to last - 1. Input of block 0: `[n, 3, s, s]`.
  torch::Tensor forward_blocks(const torch::Tensor& x, std::size_t first, std::size_t last);
  /// From the output of the last block to the spatial average, `[n, Backbone::num_features]`.
  static torch::Tensor average(const torch::Tensor& x);
  /// From the average to the L2-normalised feature, `[n, feature_dim]`.
  torch::Tensor project(const torch::Tensor& averaged);
  /// All of it.
  torch::Tensor forward(const torch::Tensor& x);

  /// Where it computes: inputs are brought there from wherever they are, results stay there.
  torch::Device device() const { return blocks_->device(); }
  /// For a network just made or loaded: all parameters learn afterwards, and those asked for before are old
  /// ones.
  void move_to(torch::Device device);
  std::size_t num_blocks() const { return backbone_.blocks.size(); }
  /// From averages to features, before they are normalised.
  const torch::Tensor& projection_weight() const { return projection_weight_; }  ///< `[dim, averages]`
  const torch::Tensor& projection_bias() const { return projection_bias_; }      ///< `[dim]`
  /// Parameters of blocks from `first` on.
  std::vector<torch::Tensor> block_parameters(std::size_t first) const {
    return blocks_->parameters_from(first);
  }

  /// Parameters under their names in a model file. The tensors share memory with the network.
  std::map<std::string, torch::Tensor> state() const;

 private:
  const network::Backbone& backbone_;
  BlockSequence blocks_;
  torch::Tensor projection_weight_;
  torch::Tensor projection_bias_;
};
TORCH_MODULE(EmbeddingNetwork);

/// Copies the parameters that `file` holds under the network's names; a batch normalisation of the table that
/// the file holds, too, is folded. The projection may be missing (returns false then). Errors as in
/// SafetensorsFile::floats.
bool load_weights(EmbeddingNetwork& network, const network::SafetensorsFile& file);

/// share * a + (1 - share) * b, parameter by parameter, on their device.
EmbeddingNetwork average_of(const EmbeddingNetwork& a, const EmbeddingNetwork& b, double share);

}  // namespace vitrine::training
