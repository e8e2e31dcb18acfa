// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "training/torch.h"
#include "training/triplet_pool.h"
#include "vitrine/training.h"

namespace vitrine::training {

/// Everything an interrupted run needs to go on: named float tensors and the number of finished epochs.
struct Checkpoint {
  int epochs_done = 0;
  std::int64_t steps_done = 0;
  std::string options_digest;  ///< differs between runs that must not be mixed
  std::map<std::string, torch::Tensor> tensors;
  std::string figures_json;  ///< the epochs so far
};

void save(const Checkpoint& checkpoint, const std::filesystem::path& path);
/// kCorrupt if it is not a checkpoint.
Checkpoint load_checkpoint(const std::filesystem::path& path);

/// The options that shape the weights, as text that people can compare. `triplets` may be null.
std::string digest(const TrainingOptions& options, const PicturePool& pool, const TripletPool* triplets);

}  // namespace vitrine::training
