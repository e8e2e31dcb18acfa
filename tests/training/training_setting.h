// SPDX-License-Identifier: MIT
#pragma once
/// A training run small enough for a test: four products, five photos each, a random backbone.
#include <functional>
#include <vector>

#include "network/backbone.h"
#include "temporary_folder.h"
#include "vitrine/error.h"
#include "vitrine/training.h"

namespace vitrine::test {

struct TrainingSetting {
  explicit TrainingSetting(const network::Backbone& backbone = network::mobilenet_v2());

  TemporaryFolder folder;
  std::vector<TrainingPicture> pictures;
  TrainingOptions options;
};

/// The code of the error that `call` throws; fails the test if it throws none.
ErrorCode code_of(const std::function<void()>& call);

}  // namespace vitrine::test
