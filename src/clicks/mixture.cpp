// SPDX-License-Identifier: MIT
#include "clicks/mixture.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace vitrine::clicks {
namespace {

constexpr int kIterations = 300;

double density(const Normal& normal, double x) {
  const double z = (x - normal.mean) / normal.deviation;
  return std::exp(-0.5 * z * z) / normal.deviation;
}

double quantile(std::span<const double> values, double share) {
  std::vector<double> sorted(values.begin(), values.end());
  const auto at =
      sorted.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
  std::nth_element(sorted.begin(), at, sorted.end());
  return *at;
}

/// P(same | x) where `prior` is the share of same pairs.
double posterior(const Mixture& mixture, double prior, double x) {
  const double same = prior * density(mixture.same, x);
  const double other = (1 - prior) * density(mixture.other, x);
  if (same + other > 0) return same / (same + other);
  return x < (mixture.same.mean + mixture.other.mean) / 2 ? 1 : 0;  // beyond both, in floating point
}

struct Moments {
  double weight = 0, sum = 0, sum_of_squares = 0;

  void add(double w, double x) {
    weight += w;
    sum += w * x;
    sum_of_squares += w * x * x;
  }
  void update(Normal& normal, double least_deviation) const {
    if (weight < 1e-9) return;
    normal.mean = sum / weight;
    const double variance = std::max(0.0, sum_of_squares / weight - normal.mean * normal.mean);
    normal.deviation = std::max(std::sqrt(variance), least_deviation);
  }
};

/// Adds a sample to the moments; returns its new share of same pairs.
double expect(const Mixture& mixture, double prior, std::span<const double> sample, Moments& same,
              Moments& other) {
  double total = 0;
  for (const double x : sample) {
    const double p = posterior(mixture, prior, x);
    total += p;
    same.add(p, x);
    other.add(1 - p, x);
  }
  return sample.empty() ? prior : total / static_cast<double>(sample.size());
}

/// A pair and how probably it is of the kind that is wanted.
struct Chance {
  double distance = 0;
  double right = 0;
};

/// P(same) of each pair by ascending distance, made to fall with it: two normals of unequal width cross
/// twice, and the outer crossing means nothing.
std::vector<Chance> falling_chances(const Mixture& mixture, double prior, std::span<const double> sample) {
  std::vector<double> sorted(sample.begin(), sample.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<Chance> chances;
  double least = 1;
  for (const double x : sorted) {
    const double inner = std::clamp(x, mixture.same.mean, mixture.other.mean);
    least = std::min(least, posterior(mixture, prior, inner));
    chances.push_back({x, least});
  }
  return chances;
}

/// The end of the longest run of the best chances whose mean reaches `purity`; failing that, of all that are
/// more probably right than wrong.
Threshold end_of_pure_run(std::span<const Chance> best_first, double purity) {
  Threshold pure;
  Threshold even{best_first.front().distance, best_first.front().right};
  bool reached = false;
  double right = 0;
  for (std::size_t i = 0; i < best_first.size(); ++i) {
    right += best_first[i].right;
    const Threshold here{best_first[i].distance, right / static_cast<double>(i + 1)};
    if (here.expected_purity >= purity) pure = here, reached = true;
    if (best_first[i].right >= 0.5) even = here;
  }
  return reached ? pure : even;
}

}  // namespace

Mixture fit_mixture(std::span<const double> clicks, std::span<const double> non_clicks) {
  Moments everything;
  std::vector<double> all(clicks.begin(), clicks.end());
  all.insert(all.end(), non_clicks.begin(), non_clicks.end());
  for (const double x : all) everything.add(1, x);
  Normal pooled;
  everything.update(pooled, 1e-6);
  const double least_deviation = 0.05 * pooled.deviation;  // no component may sink onto a single value
  Mixture mixture;
  mixture.same = {clicks.empty() ? quantile(non_clicks, 0.1) : quantile(clicks, 0.25), pooled.deviation / 2};
  mixture.other = {quantile(non_clicks, 0.75), pooled.deviation / 2};
  mixture.same_among_clicks = 0.7;
  mixture.same_among_non_clicks = 0.2;
  for (int i = 0; i < kIterations; ++i) {
    Moments same, other;
    Mixture next = mixture;
    next.same_among_clicks = expect(mixture, mixture.same_among_clicks, clicks, same, other);
    next.same_among_non_clicks = expect(mixture, mixture.same_among_non_clicks, non_clicks, same, other);
    same.update(next.same, least_deviation);
    other.update(next.other, least_deviation);
    mixture = next;
  }
  if (mixture.same.mean > mixture.other.mean) {
    std::swap(mixture.same, mixture.other);
    mixture.same_among_clicks = 1 - mixture.same_among_clicks;
    mixture.same_among_non_clicks = 1 - mixture.same_among_non_clicks;
  }
  return mixture;
}

Threshold choose_epsilon(const Mixture& mixture, std::span<const double> clicks, double purity) {
  return end_of_pure_run(falling_chances(mixture, mixture.same_among_clicks, clicks), purity);
}

Threshold choose_gamma(const Mixture& mixture, std::span<const double> non_clicks, double purity) {
  std::vector<Chance> chances = falling_chances(mixture, mixture.same_among_non_clicks, non_clicks);
  std::reverse(chances.begin(), chances.end());
  for (Chance& chance : chances) chance.right = 1 - chance.right;
  return end_of_pure_run(chances, purity);
}

}  // namespace vitrine::clicks
