// SPDX-License-Identifier: MIT
#include "training/click_boxes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/parallel.h"
#include "training/batches.h"
#include "training/feature_extraction.h"
#include "training/random.h"

namespace vitrine::training {
namespace {

using network::RelativeBox;

// In units of the cosine.
constexpr double kTemperature = 0.04;
constexpr double kMinSide = 0.25;
// Deviation of edges of the second half of the candidates, as a share of the box.
constexpr double kEdgeDeviation = 0.2;
constexpr std::uint64_t kCandidateStream = std::uint64_t{3} << 61;

// The mean of boxes weighted by exp(score / temperature).
class WeightedBoxes {
 public:
  void add(const RelativeBox& box, double score) {
    const double weight = std::exp(score / kTemperature);
    sum_weights_ += weight;
    sum_.x0 += weight * box.x0;
    sum_.y0 += weight * box.y0;
    sum_.x1 += weight * box.x1;
    sum_.y1 += weight * box.y1;
  }
  RelativeBox mean() const {
    return {sum_.x0 / sum_weights_, sum_.y0 / sum_weights_, sum_.x1 / sum_weights_, sum_.y1 / sum_weights_};
  }

 private:
  RelativeBox sum_{0, 0, 0, 0};
  double sum_weights_ = 0;
};

RelativeBox any_box(Random& random) {
  const auto interval = [&] {
    const double length = kMinSide * std::pow(1 / kMinSide, uniform(random, 0, 1));
    const double begin = uniform(random, 0, 1 - length);
    return std::pair{begin, begin + length};
  };
  const auto [x0, x1] = interval();
  const auto [y0, y1] = interval();
  return {x0, y0, x1, y1};
}

RelativeBox box_about(const RelativeBox& center, Random& random) {
  const auto interval = [&](double low, double high) {
    const double deviation = kEdgeDeviation * (high - low);
    const double begin = std::clamp(low + normal(random, deviation), 0.0, 1 - kMinSide);
    const double end = std::clamp(high + normal(random, deviation), begin + kMinSide, 1.0);
    return std::pair{begin, end};
  };
  const auto [x0, x1] = interval(center.x0, center.x1);
  const auto [y0, y1] = interval(center.y0, center.y1);
  return {x0, y0, x1, y1};
}

// What the clicks on a photo say: p - n, `[dim]`.
class ClickDirections {
 public:
  ClickDirections(EmbeddingNetwork& network, const PicturePool& pool, const TripletPool& triplets,
                  int side_px)
      : triplets_(triplets) {
    std::set<std::size_t> named;
    for (const QueryTriplets& query : triplets.training) {
      for (const PooledTriplet& triplet : query.triplets) {
        named.insert(triplet.positive);
        named.insert(triplet.negatives.begin(), triplet.negatives.end());
      }
    }
    items_.assign(named.begin(), named.end());
    features_ = extract_features(network, pool, items_, side_px, View::kWhole);
    sum_ = features_.sum(0);
  }

  // Undefined if all items are clicked ones.
  torch::Tensor of(const QueryTriplets& query) const {
    torch::Tensor clicked = torch::zeros_like(sum_);
    double weights = 0;
    for (const PooledTriplet& triplet : query.triplets) {
      clicked += triplet.weight * features_[row(triplet.positive)];
      weights += triplet.weight;
    }
    torch::Tensor others = sum_.clone();
    auto num_others = static_cast<double>(items_.size());
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const bool is_clicked = std::binary_search(query.clicked_products.begin(), query.clicked_products.end(),
                                                 triplets_.product_numbers[items_[i]]);
      if (!is_clicked) continue;
      others -= features_[static_cast<std::int64_t>(i)];
      --num_others;
    }
    if (num_others == 0) return {};
    return clicked / weights - others / num_others;
  }

 private:
  std::int64_t row(std::size_t picture) const {
    return std::lower_bound(items_.begin(), items_.end(), picture) - items_.begin();
  }

  const TripletPool& triplets_;
  std::vector<std::size_t> items_;  // pictures, ascending
  torch::Tensor features_;
  torch::Tensor sum_;
};

std::vector<double> scores(EmbeddingNetwork& network, const PooledPicture& photo,
                           const std::vector<RelativeBox>& boxes, const torch::Tensor& direction,
                           const TrainingOptions& options) {
  const int width_px = photo.image.source_width_px();
  const int height_px = photo.image.source_height_px();
  std::vector<Image> parts(boxes.size());
  base::parallel_for(boxes.size(), static_cast<unsigned>(at::get_num_threads()), [&](std::size_t i) {
    parts[i] = resize(crop(photo.image, network::to_pixels(boxes[i], width_px, height_px)), options.input_px,
                      options.input_px);
  });
  const torch::Tensor result = torch::mv(network->forward(to_input(parts)).cpu(), direction).contiguous();
  return {result.data_ptr<float>(), result.data_ptr<float>() + result.numel()};
}

ClickBox find_box(EmbeddingNetwork& network, const PicturePool& pool, std::size_t picture,
                  const torch::Tensor& direction, const TrainingOptions& options) {
  Random random = random_for(options.seed, kCandidateStream, picture);
  WeightedBoxes found;
  double best = -1;
  double sum = 0;
  const auto look_at = [&](const std::vector<RelativeBox>& boxes) {
    const std::vector<double> all = scores(network, pool.pictures[picture], boxes, direction, options);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      found.add(boxes[i], all[i]);
      best = std::max(best, all[i]);
      sum += all[i];
    }
  };
  std::vector<RelativeBox> boxes((options.click_candidates + 1) / 2);
  for (RelativeBox& box : boxes) box = any_box(random);
  look_at(boxes);
  const double mean = sum / static_cast<double>(boxes.size());
  const RelativeBox first = found.mean();
  for (RelativeBox& box : boxes) box = box_about(first, random);
  look_at(boxes);
  return {picture, found.mean(), best - mean};
}

}  // namespace

std::vector<ClickBox> find_click_boxes(EmbeddingNetwork& network, const PicturePool& pool,
                                       const TripletPool& triplets, const TrainingOptions& options,
                                       const std::function<bool(std::size_t)>& on_photo) {
  torch::NoGradGuard no_gradient;
  const ClickDirections directions(network, pool, triplets, options.input_px);
  std::vector<ClickBox> found;
  std::size_t num_done = 0;
  for (const QueryTriplets& query : triplets.training) {
    if (!on_photo(num_done++)) return {};
    const torch::Tensor direction = directions.of(query);
    if (direction.defined()) found.push_back(find_box(network, pool, query.query, direction, options));
  }
  return found;
}

}  // namespace vitrine::training
