// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "training/detector_network.h"
#include "training/picture_pool.h"
#include "vitrine/training.h"

namespace vitrine::training {

/// Looks at the same few photos again and again while a detection branch learns.
class BoxHistories {
 public:
  /// `pool` must outlive this.
  BoxHistories(const PicturePool& pool, int input_px);

  /// Adds where `detector` sees the products now. Changes nothing in the detector, draws nothing at random.
  void add(DetectorNetwork& detector, const std::string& when);
  const std::vector<BoxHistory>& histories() const { return histories_; }
  std::vector<BoxHistory> take() { return std::move(histories_); }

 private:
  const PicturePool& pool_;
  int input_px_;
  std::vector<std::size_t> pictures_;
  std::vector<BoxHistory> histories_;  // of each of them
};

}  // namespace vitrine::training
