// SPDX-License-Identifier: MIT
#include "category/paired_bootstrap.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace vitrine::benchmarks {

Interval bootstrap_mean(const std::vector<double>& values, std::size_t num_resamples, std::uint64_t seed) {
  if (values.empty()) return {};
  const auto count = static_cast<double>(values.size());
  std::mt19937_64 random(seed);
  std::vector<double> means(num_resamples);
  for (double& mean : means) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[random() % values.size()];
    mean = sum / count;
  }
  std::sort(means.begin(), means.end());
  const std::size_t tail = num_resamples / 40;
  return {std::accumulate(values.begin(), values.end(), 0.0) / count, means[tail],
          means[num_resamples - 1 - tail]};
}

Interval bootstrap_lead(const std::vector<bool>& ahead, const std::vector<bool>& behind,
                        std::size_t num_resamples, std::uint64_t seed) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < ahead.size(); ++i)
    differences.push_back(static_cast<double>(ahead[i]) - static_cast<double>(behind[i]));
  return bootstrap_mean(differences, num_resamples, seed);
}

}  // namespace vitrine::benchmarks
