// SPDX-License-Identifier: MIT
#include "engine/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

namespace vitrine::engine {
namespace {

constexpr double kTail = 0.025;

}  // namespace

Share bootstrap_share(const std::vector<bool>& values, std::size_t num_resamples, std::uint64_t seed) {
  if (values.empty()) return {};
  const auto num_true = static_cast<double>(std::count(values.begin(), values.end(), true));
  const auto n = static_cast<double>(values.size());
  // Drawing n of n with replacement hits a true one with probability num_true / n each time.
  std::mt19937_64 random(seed);
  std::binomial_distribution<std::uint64_t> num_true_drawn(values.size(), num_true / n);
  std::vector<double> shares(num_resamples);
  for (double& share : shares) share = static_cast<double>(num_true_drawn(random)) / n;
  return {num_true / n, percentile(shares, kTail), percentile(std::move(shares), 1 - kTail)};
}

Share bootstrap_mean(const std::vector<double>& values, std::size_t num_resamples, std::uint64_t seed) {
  if (values.empty()) return {};
  const auto n = static_cast<double>(values.size());
  std::mt19937_64 random(seed);
  std::vector<double> means(num_resamples);
  for (double& mean : means) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[random() % values.size()];
    mean = sum / n;
  }
  return {std::accumulate(values.begin(), values.end(), 0.0) / n, percentile(means, kTail),
          percentile(std::move(means), 1 - kTail)};
}

double percentile(std::vector<double> values, double quantile) {
  if (values.empty()) return 0;
  const double rank = std::ceil(quantile * static_cast<double>(values.size()));
  const auto index =
      static_cast<std::size_t>(std::clamp(rank - 1, 0.0, static_cast<double>(values.size() - 1)));
  const auto wanted = values.begin() + static_cast<std::ptrdiff_t>(index);
  std::nth_element(values.begin(), wanted, values.end());
  return *wanted;
}

}  // namespace vitrine::engine
