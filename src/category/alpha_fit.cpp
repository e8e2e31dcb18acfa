// SPDX-License-Identifier: MIT
#include "category/alpha_fit.h"

#include <algorithm>
#include <cmath>

#include "category/line_search.h"

namespace vitrine::category {
namespace {

// A sample that both sides call impossible costs this much and no more.
constexpr double kFloor = 1e-4;
constexpr double kLowestAlpha = 0.01;
constexpr int kGridPoints = 21;

double log_odds(double alpha) {
  return std::log(alpha / (1 - alpha));
}
double share_of(double odds) {
  return 1 / (1 + std::exp(-odds));
}

double mixed(const OpinionPair::Entry& entry, double alpha) {
  return alpha * entry.model + (1 - alpha) * entry.search;
}

// Negative log-likelihood of one sample; `alpha_of` gives the weight of a category.
template <typename AlphaOf>
double cost_of(const OpinionPair& sample, AlphaOf alpha_of) {
  double of_truth = 0;
  double total = 0;
  for (const OpinionPair::Entry& entry : sample.entries) {
    const double value = mixed(entry, alpha_of(entry.category));
    total += value;
    if (entry.category == sample.truth) of_truth = value;
  }
  return -std::log((total > 0 ? of_truth / total : 0) + kFloor);
}

template <typename AlphaOf>
double total_cost(std::span<const OpinionPair> samples, AlphaOf alpha_of) {
  double sum = 0;
  for (const OpinionPair& sample : samples) sum += cost_of(sample, alpha_of);
  return sum;
}

// The weights of all categories, one changed at a time. Keeps every sample's sums, so that trying a weight
// costs only the samples in which its category plays a part.
class CategoryAlphas {
 public:
  CategoryAlphas(std::span<const OpinionPair> samples, std::size_t num_categories, double alpha)
      : alpha_(alpha), alphas_(num_categories, alpha), uses_(num_categories) {
    for (const OpinionPair& sample : samples) {
      Sums sums;
      for (const OpinionPair::Entry& entry : sample.entries) {
        const bool is_truth = entry.category == sample.truth;
        uses_[entry.category].push_back({sums_.size(), entry, is_truth});
        sums.total += mixed(entry, alpha);
        if (is_truth) sums.of_truth = mixed(entry, alpha);
      }
      sums_.push_back(sums);
    }
  }

  std::vector<double> fit() {
    constexpr int kSweeps = 3;  // a fourth changes the third digit of few weights
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
      for (std::size_t category = 0; category < alphas_.size(); ++category) {
        if (!uses_[category].empty()) improve(category);
      }
    }
    return alphas_;
  }

 private:
  struct Sums {
    double of_truth = 0;
    double total = 0;
  };
  struct Use {
    std::size_t sample = 0;
    OpinionPair::Entry entry;
    bool is_truth = false;
  };

  Sums with_alpha(const Use& use, double before, double after) const {
    Sums sums = sums_[use.sample];
    const double change = mixed(use.entry, after) - mixed(use.entry, before);
    sums.total += change;
    if (use.is_truth) sums.of_truth += change;
    return sums;
  }

  void improve(std::size_t category) {
    constexpr double kReach = 3;  // standard deviations of the prior
    const double before = alphas_[category];
    const double centre = log_odds(alpha_);
    const double odds = minimize(centre - kReach, centre + kReach, kGridPoints, [&](double candidate) {
      double cost = (candidate - centre) * (candidate - centre) / 2;
      for (const Use& use : uses_[category]) {
        const Sums sums = with_alpha(use, before, share_of(candidate));
        cost -= std::log((sums.total > 0 ? sums.of_truth / sums.total : 0) + kFloor);
      }
      return cost;
    });
    alphas_[category] = share_of(odds);
    for (const Use& use : uses_[category]) sums_[use.sample] = with_alpha(use, before, alphas_[category]);
  }

  double alpha_;
  std::vector<double> alphas_;
  std::vector<std::vector<Use>> uses_;  // by category
  std::vector<Sums> sums_;              // by sample
};

}  // namespace

double fit_alpha(std::span<const OpinionPair> samples) {
  return minimize(kLowestAlpha, 1 - kLowestAlpha, kGridPoints, [&](double alpha) {
    return total_cost(samples, [&](std::size_t) { return alpha; }) - std::log(alpha) - std::log(1 - alpha);
  });
}

std::vector<double> fit_category_alphas(std::span<const OpinionPair> samples, std::size_t num_categories,
                                        double alpha) {
  return CategoryAlphas(samples, num_categories, alpha).fit();
}

std::optional<std::vector<double>> useful_category_alphas(std::span<const OpinionPair> samples,
                                                          std::size_t num_categories, double alpha) {
  constexpr std::size_t kFolds = 5;
  if (samples.size() < kFolds) return std::nullopt;
  double cost_common = 0;
  double cost_own = 0;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<OpinionPair> rest;
    std::vector<OpinionPair> held_out;
    for (std::size_t i = 0; i < samples.size(); ++i)
      (i % kFolds == fold ? held_out : rest).push_back(samples[i]);
    const double common = fit_alpha(rest);
    const std::vector<double> own = fit_category_alphas(rest, num_categories, common);
    cost_common += total_cost(held_out, [&](std::size_t) { return common; });
    cost_own += total_cost(held_out, [&](std::size_t category) { return own[category]; });
  }
  if (cost_own >= cost_common) return std::nullopt;
  return fit_category_alphas(samples, num_categories, alpha);
}

}  // namespace vitrine::category
