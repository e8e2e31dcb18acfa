// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <vector>

#include "training/box_batch.h"
#include "training/detector_network.h"
#include "training/picture_pool.h"

namespace vitrine::training {

struct DetectorStep {
  std::size_t step = 0;  ///< from 1
  double loss = 0;
  double overlap = 0;  ///< mean IoU with the known boxes of this batch
};

/// Teaches `detector` with the options' `detector_*` fields from `options.detector_steps` batches, which
/// `make_batch` makes on a thread of its own. ErrorCode::kInternal naming the step if the loss is not finite.
/// Returns false if `on_step` ended it by returning false.
bool teach_boxes(DetectorNetwork& detector, const TrainingOptions& options,
                 const std::function<BoxBatch(std::size_t)>& make_batch,
                 const std::function<bool(const DetectorStep&)>& on_step);

/// The boxes of the listed pictures, clipped to the picture, and the agreement of the cells.
std::vector<network::DetectedBox> detect(DetectorNetwork& detector, const PicturePool& pool,
                                         const std::vector<std::size_t>& picture_indices, int input_px);

}  // namespace vitrine::training
