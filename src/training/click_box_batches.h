// SPDX-License-Identifier: MIT
#pragma once
#include <vector>

#include "training/box_batch.h"
#include "training/click_boxes.h"

namespace vitrine::training {

/// Batches of photos whose boxes clicks have told, seen from a little nearer, mirrored and in another light.
class ClickBoxBatches {
 public:
  /// `pool` and `options` must outlive this. `found` must hold a box.
  ClickBoxBatches(const PicturePool& pool, std::vector<ClickBox> found, const TrainingOptions& options);

  /// Follows from the seed and `batch_index` alone.
  BoxBatch make(std::size_t batch_index) const;

 private:
  const PicturePool& pool_;
  std::vector<ClickBox> found_;
  const TrainingOptions& options_;
};

}  // namespace vitrine::training
