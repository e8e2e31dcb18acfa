// SPDX-License-Identifier: MIT
#pragma once
#include "training/checkpoint.h"
#include "training/detector_training.h"
#include "training/embedding_network.h"
#include "training/triplet_pool.h"

namespace vitrine::training {

/// What the detection branch may learn from.
struct DetectionSources {
  const PicturePool& pool;
  const TripletPool* triplets;  ///< null: no clicks
  EmbeddingNetwork features;    ///< the network that the run starts with
};

/// The detection branch that a run starts its epochs with: taught as `options.detector_*` say, or, if
/// `resumed` is given, the one that it holds (kCorrupt if it holds none). ErrorCode::kInvalidArgument if
/// there is nothing to learn from. `figures` gets what was learned. Null if `callbacks.should_stop` ended the
/// teaching.
DetectorNetwork prepare_detector(const DetectionSources& sources, const TrainingOptions& options,
                                 const TrainingCallbacks& callbacks, const Checkpoint* resumed,
                                 DetectorFigures& figures);

/// Writes the boxes that the branch finds into the pool's pictures and completes `figures`.
/// ErrorCode::kInternal if the boxes have shrunk to nothing; a message if they hold the whole picture.
void find_boxes(DetectorNetwork& detector, PicturePool& pool, const TrainingOptions& options,
                const TrainingCallbacks& callbacks, DetectorFigures& figures);

}  // namespace vitrine::training
