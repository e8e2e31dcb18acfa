// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <memory>

#include "training/detector_network.h"
#include "training/optimizer_state.h"
#include "vitrine/training.h"

namespace vitrine::training {

/// Lets the detection branch learn from the loss of the features alone (Visual Search at Alibaba, KDD 2018,
/// section 4): its box decides what of a picture the feature branch sees, through a soft mask or a
/// differentiable crop, and the gradient of the loss tells the box where to go. Nobody draws a box.
class JointDetection {
 public:
  /// `options` must outlive this.
  JointDetection(DetectorNetwork detector, const TrainingOptions& options);

  /// Side of the views that look() wants: a crop needs more pixels than it gives.
  static int view_px(const TrainingOptions& options);

  /// Pictures in the size of the network's input.
  static torch::Tensor reduced(const torch::Tensor& pictures, std::int64_t side_px);

  struct Seen {
    torch::Tensor images;   ///< `[n, 3, input_px, input_px]`, gradients lead to the branch
    torch::Tensor penalty;  ///< of the boxes, to be added to the loss
  };
  /// `views` `[n, 3, view_px, view_px]`: pictures or parts of them. `progress` 0 to 1 through the
  /// joint epochs: the mask's edges sharpen.
  Seen look(const torch::Tensor& views, double progress);

  /// How far the steps taken are of all that the joint epochs have, 0 to 1.
  double progress(std::size_t num_steps) const {
    return std::min(1.0, static_cast<double>(steps_done_) / static_cast<double>(num_steps));
  }
  void zero_gradients() { optimizer_->zero_grad(); }
  /// Takes one step along the gradients; the step size falls with `progress`.
  void step(double progress);

  void save_state(Checkpoint& checkpoint) const;
  void load_state(const Checkpoint& checkpoint);

 private:
  DetectorNetwork detector_;
  const TrainingOptions& options_;
  NamedParameters learned_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  std::int64_t steps_done_ = 0;
};

}  // namespace vitrine::training
