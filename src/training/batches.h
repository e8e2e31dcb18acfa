// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "training/picture_pool.h"
#include "training/prefetch.h"
#include "training/torch.h"
#include "training/triplet_loss.h"

namespace vitrine::training {

/// Pictures to learn from, followed by patchwork (no labels) for the retention loss.
struct Batch {
  torch::Tensor images;                 ///< `[n + m, 3, side, side]` float, channels last, in [-1, 1]
  torch::Tensor products;               ///< `[n]` int64, -1: none
  torch::Tensor categories;             ///< `[n]` int64, -1: none
  std::optional<TripletRows> triplets;  ///< rows among the n pictures
};

/// What a batch will show: positions in the pool.
struct BatchPlan {
  std::vector<std::size_t> picture_indices;
  std::optional<TripletRows> triplets;
};

/// Square pictures of equal size as network input.
torch::Tensor to_input(std::span<const Image> images);

/// The batch where a network computes.
Batch on_device(const Batch& batch, torch::Device device);

/// The training pictures of one epoch in random order, shop pictures repeatedly; a remainder that does not
/// fill a batch is left out.
std::vector<BatchPlan> plan_labelled(const PicturePool& pool, const TrainingOptions& options,
                                     std::uint64_t epoch);

/// The things in the order of one epoch, which follows from (seed, epoch) alone.
std::vector<std::size_t> shuffled(std::vector<std::size_t> things, std::uint64_t seed, std::uint64_t epoch);

/// The augmented batches of one epoch, made one step ahead on a thread of its own. Every random choice
/// follows from the plan and (seed, epoch) alone.
class EpochBatches {
 public:
  EpochBatches(const PicturePool& pool, const TrainingOptions& options, std::uint64_t epoch,
               std::vector<BatchPlan> plan);

  std::size_t num_batches() const { return plan_.size(); }
  /// Pictures in the first `num_batches` batches, without patchwork.
  std::size_t num_pictures(std::size_t num_batches) const { return first_positions_[num_batches]; }
  /// Blocks until the next batch is ready. Call it num_batches() times.
  Batch next() { return batches_->next(); }

 private:
  Batch make(std::size_t batch_index) const;
  Image augmented(std::size_t picture_index, std::size_t position) const;

  const PicturePool& pool_;
  const TrainingOptions& options_;
  std::uint64_t epoch_;
  std::vector<BatchPlan> plan_;
  std::vector<std::size_t> first_positions_;  // of each batch and behind the last, counted over the epoch
  std::vector<std::size_t> sources_;          // pictures that may serve as background
  std::vector<std::size_t> shown_;            // all pictures of the plan, repeats included
  std::optional<Prefetch<Batch>> batches_;    // last: it uses all of the above
};

}  // namespace vitrine::training
