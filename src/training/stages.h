// SPDX-License-Identifier: MIT
#pragma once
#include "training/picture_pool.h"
#include "training/torch.h"
#include "training/triplet_pool.h"
#include "vitrine/training.h"

namespace vitrine::training {

/// All stages of a training run on pictures that are in memory. Networks compute on `device`; pictures are
/// prepared by the processor. `triplets` may be null: then it learns from labels. Boxes found go into the
/// pool. Errors as for vitrine::train.
TrainingReport run_stages(PicturePool& pool, const TripletPool* triplets, const TrainingOptions& options,
                          torch::Device device, const TrainingCallbacks& callbacks);

}  // namespace vitrine::training
