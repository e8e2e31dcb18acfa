// SPDX-License-Identifier: MIT
#pragma once
#include <vector>

#include "training/box_batch.h"
#include "training/picture_pool.h"

namespace vitrine::training {

/// Batches of scenes composed of a pool's shop pictures and photos (training split); see scenes.h.
class SceneBatches {
 public:
  /// `pool` and `options` must outlive this. kInvalidArgument if no shop picture could be cut out.
  SceneBatches(const PicturePool& pool, const TrainingOptions& options);

  /// Follows from the seed and `batch_index` alone.
  BoxBatch make(std::size_t batch_index) const;

 private:
  const PicturePool& pool_;
  const TrainingOptions& options_;
  std::vector<std::size_t> cutouts_;
  std::vector<std::size_t> photos_;  // for backgrounds
};

}  // namespace vitrine::training
