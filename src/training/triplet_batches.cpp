// SPDX-License-Identifier: MIT
#include "training/triplet_batches.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "training/random.h"

namespace vitrine::training {
namespace {

// A stream of random numbers beside those of batches.cpp.
constexpr std::uint64_t kDrawStream = std::uint64_t{1} << 63;

// `count` of the things, or all if there are fewer, without repeats.
std::vector<std::size_t> draw(std::size_t num_things, std::size_t count, Random& random) {
  std::vector<std::size_t> things(num_things);
  std::iota(things.begin(), things.end(), std::size_t{0});
  const std::size_t num_drawn = std::min(num_things, count);
  for (std::size_t i = 0; i < num_drawn; ++i) std::swap(things[i], things[i + random() % (num_things - i)]);
  things.resize(num_drawn);
  return things;
}

// Collects the triplets of one batch; every picture gets one row.
class BatchBuilder {
 public:
  BatchBuilder(const TripletPool& pool, const TrainingOptions& options) : pool_(pool), options_(options) {}

  void add(const QueryTriplets& query, Random& random) {
    for (const std::size_t i : draw(query.triplets.size(), options_.triplets_per_query, random)) {
      const PooledTriplet& triplet = query.triplets[i];
      Drawn drawn{&query, row(query.query), row(triplet.positive), {}, triplet.weight};
      for (const std::size_t j : draw(triplet.negatives.size(), options_.negatives_per_triplet, random))
        drawn.negatives.push_back(negative(triplet.negatives[j]));
      triplets_.push_back(std::move(drawn));
    }
  }

  BatchPlan take() {
    TripletRows rows;
    std::vector<std::int64_t> queries;
    std::vector<std::int64_t> positives;
    std::vector<float> weights;
    const auto num_triplets = static_cast<std::int64_t>(triplets_.size());
    const auto num_negatives = static_cast<std::int64_t>(negatives_.size());
    rows.compared = torch::zeros({num_triplets, num_negatives}, torch::kBool);
    auto compared = rows.compared.accessor<bool, 2>();
    for (std::int64_t t = 0; t < num_triplets; ++t) {
      const Drawn& triplet = triplets_[static_cast<std::size_t>(t)];
      queries.push_back(triplet.query_row);
      positives.push_back(triplet.positive_row);
      weights.push_back(static_cast<float>(triplet.weight));
      if (options_.shared_negatives) {
        for (std::int64_t n = 0; n < num_negatives; ++n)
          compared[t][n] = tells_apart(*triplet.query, negatives_[static_cast<std::size_t>(n)]);
      } else {
        for (const std::int64_t n : triplet.negatives) compared[t][n] = true;
      }
    }
    rows.queries = torch::tensor(queries, torch::kInt64);
    rows.positives = torch::tensor(positives, torch::kInt64);
    rows.weights = torch::tensor(weights);
    std::vector<std::int64_t> negative_rows;
    for (const std::size_t picture : negatives_) negative_rows.push_back(row(picture));
    rows.negatives = torch::tensor(negative_rows, torch::kInt64);
    return {std::move(pictures_), std::move(rows)};
  }

 private:
  struct Drawn {
    const QueryTriplets* query;
    std::int64_t query_row;
    std::int64_t positive_row;
    std::vector<std::int64_t> negatives;  // positions in negatives_
    double weight;
  };

  std::int64_t row(std::size_t picture) {
    const auto [it, is_new] = rows_.emplace(picture, static_cast<std::int64_t>(pictures_.size()));
    if (is_new) pictures_.push_back(picture);
    return it->second;
  }

  std::int64_t negative(std::size_t picture) {
    row(picture);
    const auto found = std::find(negatives_.begin(), negatives_.end(), picture);
    if (found != negatives_.end()) return found - negatives_.begin();
    negatives_.push_back(picture);
    return static_cast<std::int64_t>(negatives_.size()) - 1;
  }

  bool tells_apart(const QueryTriplets& query, std::size_t picture) const {
    return picture != query.query &&
           !std::binary_search(query.clicked_products.begin(), query.clicked_products.end(),
                               pool_.product_numbers[picture]);
  }

  const TripletPool& pool_;
  const TrainingOptions& options_;
  std::vector<Drawn> triplets_;
  std::vector<std::size_t> pictures_;
  std::vector<std::size_t> negatives_;  // pictures, each once
  std::unordered_map<std::size_t, std::int64_t> rows_;
};

std::size_t pictures_per_query(const TrainingOptions& options) {
  return 1 + options.triplets_per_query * (1 + options.negatives_per_triplet);
}

}  // namespace

std::vector<BatchPlan> plan_triplets(const TripletPool& triplets, const TrainingOptions& options,
                                     std::uint64_t epoch) {
  std::vector<std::size_t> order(triplets.training.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  order = shuffled(std::move(order), options.seed, epoch);
  const std::size_t queries_per_batch =
      std::max<std::size_t>(1, options.batch_size / pictures_per_query(options));
  std::vector<BatchPlan> plan;
  for (std::size_t begin = 0; begin < order.size(); begin += queries_per_batch) {
    BatchBuilder builder(triplets, options);
    for (std::size_t i = begin; i < std::min(order.size(), begin + queries_per_batch); ++i) {
      Random random = random_for(options.seed, epoch, kDrawStream + order[i]);
      builder.add(triplets.training[order[i]], random);
    }
    plan.push_back(builder.take());
  }
  return plan;
}

}  // namespace vitrine::training
