// SPDX-License-Identifier: MIT
#pragma once
#include <map>
#include <string>
#include <vector>

#include "network/detector.h"
#include "training/block_sequence.h"

namespace vitrine::training {

/// What the detection branch says about a batch of pictures. Boxes are (x0, y0, x1, y1) as shares of the
/// picture's sides and may reach beyond the picture.
struct Detections {
  torch::Tensor boxes;       ///< `[n, 4]`: the mean of the cells' boxes, weighted by attention
  torch::Tensor attention;   ///< `[n, g g]`, sums to 1 over the cells, row-major
  torch::Tensor cell_boxes;  ///< `[n, g g, 4]`
};

/// The detection branch as trained; src/network/detector.h describes it.
class DetectorNetworkImpl : public torch::nn::Module {
 public:
  /// The head starts with one opinion in all cells: a box at the cell's place, somewhat smaller than the
  /// picture; so the mean over all cells is the middle of the picture. `initial_side` is that of the box, as
  /// a share of the picture's.
  explicit DetectorNetworkImpl(double initial_side = 0.7);

  /// `images` `[n, 3, s, s]` in [-1, 1], s a multiple of 16.
  Detections forward(const torch::Tensor& images);

  /// Where it computes: inputs are brought there from wherever they are, results stay there.
  torch::Device device() const { return blocks_->device(); }
  /// For a branch just made or loaded: all parameters learn afterwards, and those asked for before are old
  /// ones.
  void move_to(torch::Device device) { blocks_->move_to(device); }

  /// Parameters of blocks from `first` on; the head is last.
  std::vector<torch::Tensor> block_parameters(std::size_t first) const {
    return blocks_->parameters_from(first);
  }
  /// Blocks before this one are run without gradients.
  void freeze_before(std::size_t block) { num_frozen_ = block; }
  std::map<std::string, torch::Tensor> state() const { return blocks_->state(); }

 private:
  BlockSequence blocks_;
  std::size_t num_frozen_ = 0;
};
TORCH_MODULE(DetectorNetwork);

/// Whether load_weights can start the branch from the file: a model that has one, or MobileNetV2.
bool can_start_from(const network::SafetensorsFile& file);

/// Copies the branch's weights from a model that has one; from any other model or backbone the blocks it
/// starts with, and leaves the head as it is (returns false then). Errors as in SafetensorsFile::floats.
bool load_weights(DetectorNetwork& detector, const network::SafetensorsFile& file);

}  // namespace vitrine::training
