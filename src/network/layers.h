// SPDX-License-Identifier: MIT
#pragma once
/// A network's layers as a table, shared by the inference engine and the trainer. Batch normalisation is
/// folded: every convolution has a bias.
#include <string>
#include <vector>

namespace vitrine::network {

/// What becomes of a convolution's output.
enum class Nonlinearity {
  kNone,
  kRelu,
  kRelu6,  ///< clipped to [0, 6]
};

/// One convolution. Padding is TensorFlow's "SAME" for sizes that the stride divides: kernel - stride pixels
/// each way, the smaller half of them left and above.
struct ConvolutionSpec {
  std::string
      name;  ///< parameters are `<name>.weight` [out, in / groups, kernel, kernel] and `<name>.bias` [out]
  int in_channels = 0;
  int out_channels = 0;
  int kernel_px = 1;
  int stride_px = 1;
  int groups = 1;
  Nonlinearity nonlinearity = Nonlinearity::kRelu6;
  /// Name of the batch normalisation that follows it in published weights; empty: they have it folded.
  std::string normalization = {};

  int padding_before_px() const { return (kernel_px - stride_px) / 2; }
  int padding_after_px() const { return kernel_px - stride_px - padding_before_px(); }
};

/// Convolutions one after the other.
struct BranchSpec {
  /// The greatest of 3 x 3 pixels first, in place: stride 1, nothing beyond the edge counts.
  bool pools = false;
  std::vector<ConvolutionSpec> convolutions;
};

/// One branch, or several that see the same input and whose outputs are joined, channels of the first one
/// first.
struct BlockSpec {
  std::string name;
  /// The greatest of so many pixels each way is what the branches see, stride 2, as from 0 to size - 1 in
  /// steps of 2; 0: all of the input.
  int halving_pool_px = 0;
  std::vector<BranchSpec> branches;
  bool residual = false;  ///< the block's input is added to its (linear) output; of a block with one branch
};

/// The convolutions of all blocks, branch by branch: the order of kAbsmaxTensor.
std::vector<const ConvolutionSpec*> convolutions_of(const std::vector<BlockSpec>& blocks);

}  // namespace vitrine::network
