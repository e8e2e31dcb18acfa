// SPDX-License-Identifier: MIT
#include "training/box_score_choice.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "training/feature_extraction.h"
#include "training/validation.h"

namespace vitrine::training {
namespace {

constexpr int kNumSteps = 20;  // of the score, from 0 to 1
constexpr std::size_t kMaxQueries = 1000;
constexpr std::size_t kMaxGallery = 3000;
constexpr double kRounding = 1e-9;

// The features of pictures as a model that demands any score would describe them.
class AllViews {
 public:
  AllViews(EmbeddingNetwork& network, const PicturePool& pool, std::vector<std::size_t> picture_indices,
           int side_px)
      : picture_indices_(std::move(picture_indices)) {
    if (picture_indices_.empty()) return;
    found_ = extract_features(network, pool, picture_indices_, side_px, View::kDescribed);
    whole_ = extract_features(network, pool, picture_indices_, side_px, View::kWhole);
    if (pool.center_view > 0)
      center_ = extract_features(network, pool, picture_indices_, side_px, View::kCenter);
    std::vector<double> scores;
    for (const std::size_t i : picture_indices_) scores.push_back(pool.pictures[i].box_score);
    scores_ = torch::tensor(scores, torch::kFloat64).unsqueeze(1);
  }

  EmbeddedPictures with(double min_box_score) const {
    if (picture_indices_.empty()) return {};
    const torch::Tensor is_unsure = scores_ < min_box_score;
    if (!center_.defined()) return {picture_indices_, torch::where(is_unsure, whole_, found_)};
    const torch::Tensor both = whole_ + torch::where(is_unsure, center_, found_);
    return {picture_indices_, both / both.norm(2, 1, /*keepdim=*/true)};
  }

 private:
  std::vector<std::size_t> picture_indices_;
  torch::Tensor found_;
  torch::Tensor whole_;
  torch::Tensor center_;
  torch::Tensor scores_;
};

// Share of the galleries that have its product in which a query is answered right; of queries that have any.
std::vector<double> answered(const std::vector<std::optional<bool>>& in_shop,
                             const std::vector<std::optional<bool>>& in_photos) {
  std::vector<double> shares;
  for (std::size_t i = 0; i < in_shop.size(); ++i) {
    const int num_asked = (in_shop[i] ? 1 : 0) + (in_photos[i] ? 1 : 0);
    const int num_right = (in_shop[i].value_or(false) ? 1 : 0) + (in_photos[i].value_or(false) ? 1 : 0);
    if (num_asked > 0) shares.push_back(static_cast<double>(num_right) / num_asked);
  }
  return shares;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Whether `better` leads by at most the standard error of the lead, over the same queries. A single query
// more is never beyond it.
bool is_within_chance(const std::vector<double>& better, const std::vector<double>& other) {
  const double lead = mean(better) - mean(other);
  double squares = 0;
  for (std::size_t i = 0; i < better.size(); ++i) {
    const double difference = better[i] - other[i] - lead;
    squares += difference * difference;
  }
  const auto n = static_cast<double>(better.size());
  return lead * lead * n * (n - 1) <= squares * (1 + kRounding);
}

bool has_product(const PooledPicture& picture, Split split) {
  return picture.split == split && !picture.product.empty();
}

}  // namespace

BoxScoreChoice choose_min_box_score(EmbeddingNetwork& network, const PicturePool& pool, int side_px) {
  const auto asking = select_pictures(pool, kMaxQueries, [](const PooledPicture& picture) {
    return has_product(picture, Split::kValidation);
  });
  if (asking.empty()) return {};
  const auto views_of = [&](const std::vector<std::size_t>& picture_indices) {
    return AllViews(network, pool, picture_indices, side_px);
  };
  const AllViews queries = views_of(asking);
  const AllViews shop = views_of(
      select_pictures(pool, kMaxGallery, [](const PooledPicture& picture) { return picture.shop_picture; }));
  const AllViews photos = views_of(select_pictures(pool, kMaxGallery, [](const PooledPicture& picture) {
    return has_product(picture, Split::kTrain) && !picture.shop_picture;
  }));
  std::vector<std::vector<double>> answers;  // by ascending score
  for (int step = 0; step <= kNumSteps; ++step) {
    const double min_box_score = static_cast<double>(step) / kNumSteps;
    const EmbeddedPictures asked = queries.with(min_box_score);
    answers.push_back(answered(found_at_one(pool, asked, shop.with(min_box_score)),
                               found_at_one(pool, asked, photos.with(min_box_score))));
  }
  if (answers.front().empty()) return {};
  const auto best = std::max_element(answers.begin(), answers.end(),
                                     [](const auto& a, const auto& b) { return mean(a) < mean(b); });
  // A score must not cost what it was to save, however wide its own chance is.
  const auto lowest = std::find_if(answers.begin(), answers.end(), [&](const auto& one) {
    return mean(one) >= mean(answers.front()) && is_within_chance(*best, one);
  });
  return {static_cast<double>(lowest - answers.begin()) / kNumSteps, mean(*lowest), mean(answers.front()),
          mean(answers.back())};
}

}  // namespace vitrine::training
