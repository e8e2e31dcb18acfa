// SPDX-License-Identifier: MIT
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "training/batches.h"
#include "training/checkpoint.h"
#include "training/embedding_network.h"
#include "training/joint_detection.h"
#include "training/optimizer_state.h"
#include "vitrine/training.h"

namespace vitrine::training {

/// The state of one training run: the network that learns, the initial one it must not stray from, and the
/// optimiser.
class Trainer {
 public:
  /// `initial` has its projection already. `triplets` may be null: then it learns from labels. `detector`
  /// learns in the joint epochs, if there are any; else it may be null. `pool`, `triplets` and `options` must
  /// outlive the trainer.
  Trainer(const PicturePool& pool, const TripletPool* triplets, const TrainingOptions& options,
          EmbeddingNetwork initial, DetectorNetwork detector);

  /// One pass over the training pictures, or over the photos of the triplets. Returns false if
  /// `callbacks.should_stop` ended it; the weights are then those of a part of the epoch and only good for
  /// being thrown away.
  bool run_epoch(int epoch, const TrainingCallbacks& callbacks, EpochFigures& figures);

  /// The initial and the learned weights averaged as options.initial_share says.
  EmbeddingNetwork averaged() const;

  /// Remembers the weights as they are, and brings them back.
  void keep_as_best();
  void restore_best();

  void save_state(Checkpoint& checkpoint) const;
  /// kCorrupt if tensors are missing or of another shape.
  void load_state(const Checkpoint& checkpoint);

 private:
  struct Losses {
    torch::Tensor total;
    double identity = 0;
    double category = 0;
    double retention = 0;
    double quantization = 0;
  };
  struct Features {
    torch::Tensor learned;  // [n, dim]
    torch::Tensor before;   // what the initial network says about those from `first_kept` on
    std::int64_t first_kept = 0;
  };
  Losses compute_losses(const Batch& batch);
  Losses compute_joint_losses(const Batch& batch, double progress);
  Features run_networks(const torch::Tensor& images, std::int64_t num_labelled, bool to_pixels,
                        const TrainingOptions& options);
  Losses weigh(const Features& features, const Batch& batch, const TrainingOptions& options) const;
  void learn_features(double share, std::size_t steps_per_epoch);
  torch::Tensor identity_loss(const torch::Tensor& features, const Batch& batch) const;
  std::vector<BatchPlan> plan(int epoch) const;
  void start_class_weights();
  double learning_rate(std::size_t steps_per_epoch) const;
  NamedParameters learned() const;

  const PicturePool& pool_;
  const TripletPool* triplets_;
  const TrainingOptions& options_;
  TrainingOptions joint_options_;  // of the joint epochs' batches
  EmbeddingNetwork initial_;
  EmbeddingNetwork network_;
  torch::Tensor product_weights_;  // [products, dim]
  torch::Tensor
      category_weights_;  // [categories, dim], serves training only: the final head is fitted afterwards
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  std::unique_ptr<JointDetection> joint_;  // null without joint epochs
  std::int64_t steps_done_ = 0;
  std::map<std::string, torch::Tensor> best_;  // learned tensors of the best epoch so far
};

}  // namespace vitrine::training
