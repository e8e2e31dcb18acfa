// SPDX-License-Identifier: MIT
#include "training/box_score_choice.h"

#include <cmath>

#include "training/feature_extraction.h"
#include "training/validation.h"

namespace vitrine::training {
namespace {

constexpr int kNumSteps = 20;  // of the score, from 0 to 1
constexpr double kLeastGain = 0.005;

// The features of pictures by their boxes and of the same pictures whole.
class BothViews {
 public:
  BothViews(EmbeddingNetwork& network, const PicturePool& pool, std::vector<std::size_t> picture_indices,
            int side_px)
      : picture_indices_(std::move(picture_indices)) {
    if (picture_indices_.empty()) return;
    box_ = extract_features(network, pool, picture_indices_, side_px, View::kDescribed);
    whole_ = extract_features(network, pool, picture_indices_, side_px, View::kWhole);
    std::vector<double> scores;
    for (const std::size_t i : picture_indices_) scores.push_back(pool.pictures[i].box_score);
    scores_ = torch::tensor(scores, torch::kFloat64).unsqueeze(1);
  }

  EmbeddedPictures with(double min_box_score) const {
    if (picture_indices_.empty()) return {};
    return {picture_indices_, torch::where(scores_ < min_box_score, whole_, box_)};
  }

 private:
  std::vector<std::size_t> picture_indices_;
  torch::Tensor box_;
  torch::Tensor whole_;
  torch::Tensor scores_;
};

// Of two figures the mean; of one that is not a number, the other.
double mean_recall(double shop, double photos) {
  if (std::isnan(shop)) return photos;
  return std::isnan(photos) ? shop : (shop + photos) / 2;
}

}  // namespace

BoxScoreChoice choose_min_box_score(EmbeddingNetwork& network, const PicturePool& pool, int side_px) {
  const ValidationSets sets = validation_sets(pool, nullptr);
  if (sets.queries.empty()) return {};
  const BothViews queries(network, pool, sets.queries, side_px);
  const BothViews shop(network, pool, sets.shop, side_px);
  const BothViews photos(network, pool, sets.photos, side_px);
  const auto recall = [&](double min_box_score) {
    const EmbeddedPictures asked = queries.with(min_box_score);
    return mean_recall(recall_at_one(pool, asked, shop.with(min_box_score)),
                       recall_at_one(pool, asked, photos.with(min_box_score)));
  };
  BoxScoreChoice best;
  best.recall = best.recall_with_all_boxes = recall(0);
  if (std::isnan(best.recall)) return {};
  for (int step = 1; step <= kNumSteps; ++step) {
    const double min_box_score = static_cast<double>(step) / kNumSteps;
    const double found = recall(min_box_score);
    if (found > best.recall && found >= best.recall_with_all_boxes + kLeastGain) {
      best.recall = found;
      best.min_box_score = min_box_score;
    }
  }
  return best;
}

}  // namespace vitrine::training
