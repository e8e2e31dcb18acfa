// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "training/box_histories.h"
#include "training/checkpoint.h"
#include "training/detector_network.h"
#include "training/trainer.h"

namespace vitrine::training {

/// The epochs of one training run, from a pool of pictures to the model file.
class Run {
 public:
  /// `triplets` and `detector` may be null; with a detector the pictures have their boxes already, and get
  /// new ones after each joint epoch. `pool`, `triplets`, `options` and `callbacks` must outlive the run.
  Run(PicturePool& pool, const TripletPool* triplets, EmbeddingNetwork initial, DetectorNetwork detector,
      const TrainingOptions& options, const TrainingCallbacks& callbacks);

  TrainingReport run(const std::optional<Checkpoint>& resumed);

 private:
  void finish_epoch(EpochFigures& figures, std::chrono::steady_clock::time_point begin);
  bool is_joint(int epoch) const;
  void find_new_boxes(int epoch);
  bool out_of_patience() const;
  void checkpoint(int epoch);
  int resume(const Checkpoint& state);
  void write_model();
  void say(const std::string& message) const;

  PicturePool& pool_;
  const TripletPool* triplets_;
  DetectorNetwork detector_;
  const TrainingOptions& options_;
  const TrainingCallbacks& callbacks_;
  std::string digest_;
  std::optional<BoxHistories> histories_;  // with joint epochs
  Trainer trainer_;
  TrainingReport report_;
};

/// The state to go on from, if that is wanted and there is one. ErrorCode::kInvalidArgument if it was made
/// with other options.
std::optional<Checkpoint> state_to_resume(const TrainingOptions& options, const std::string& digest);

}  // namespace vitrine::training
