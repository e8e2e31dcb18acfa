// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "training/picture_pool.h"
#include "training/prefetch.h"
#include "training/torch.h"

namespace vitrine::training {

/// Labelled pictures, followed by patchwork (no labels) for the retention loss.
struct Batch {
  torch::Tensor images;      ///< `[n + m, 3, side, side]` float, channels last, in [-1, 1]
  torch::Tensor products;    ///< `[n]` int64, -1: none
  torch::Tensor categories;  ///< `[n]` int64, -1: none
};

/// Square pictures of equal size as network input.
torch::Tensor to_input(std::span<const Image> images);

/// The augmented batches of one epoch, made one step ahead on a thread of its own. The order and every random
/// choice follow from (seed, epoch) alone.
class EpochBatches {
 public:
  EpochBatches(const PicturePool& pool, const TrainingOptions& options, std::uint64_t epoch);

  std::size_t num_batches() const { return num_batches_; }
  std::size_t num_pictures() const { return num_batches_ * options_.batch_size; }
  /// Blocks until the next batch is ready. Call it num_batches() times.
  Batch next() { return batches_->next(); }

 private:
  Batch make(std::size_t batch_index) const;

  const PicturePool& pool_;
  const TrainingOptions& options_;
  std::uint64_t epoch_;
  std::vector<std::size_t> order_;    // picture indices, shuffled
  std::vector<std::size_t> sources_;  // pictures that may serve as background
  std::size_t num_batches_ = 0;
  std::optional<Prefetch<Batch>> batches_;  // last: it uses all of the above
};

}  // namespace vitrine::training
