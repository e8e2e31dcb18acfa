// SPDX-License-Identifier: MIT
#include "clicks/threshold.h"

#include <algorithm>

namespace vitrine::clicks {
namespace {

constexpr std::size_t kMostBins = 50;
constexpr std::size_t kLeastPairsPerBin = 40;  // fewer, and chance makes the extremes of the ratio

struct Pair {
  double distance = 0;
  bool clicked = false;
};

/// Pairs of about equal distance.
struct Bin {
  double last_distance = 0;
  double num_clicked = 0;
  double num_passed_over = 0;

  double click_share() const { return num_clicked / (num_clicked + num_passed_over); }
};

/// All pairs in bins of equal number, by ascending distance.
std::vector<Bin> bins_of(std::span<const double> clicked, std::span<const double> passed_over) {
  std::vector<Pair> pairs;
  for (const double distance : clicked) pairs.push_back({distance, true});
  for (const double distance : passed_over) pairs.push_back({distance, false});
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.distance < b.distance; });
  const std::size_t num_bins = std::clamp<std::size_t>(pairs.size() / kLeastPairsPerBin, 1, kMostBins);
  std::vector<Bin> bins(num_bins);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    Bin& bin = bins[i * num_bins / pairs.size()];
    bin.last_distance = pairs[i].distance;
    (pairs[i].clicked ? bin.num_clicked : bin.num_passed_over) += 1;
  }
  return bins;
}

/// Merges neighbours until the share of clicks falls with the distance (pool adjacent violators).
std::vector<Bin> falling(const std::vector<Bin>& bins) {
  std::vector<Bin> merged;
  for (Bin bin : bins) {
    while (!merged.empty() && merged.back().click_share() <= bin.click_share()) {
      bin.num_clicked += merged.back().num_clicked;
      bin.num_passed_over += merged.back().num_passed_over;
      merged.pop_back();
    }
    merged.push_back(bin);
  }
  return merged;
}

/// A pair and how probably it is of the kind that is wanted.
struct Chance {
  double distance = 0;
  double right = 0;
};

/// The end of the longest run of the best chances whose mean reaches `purity`; failing that, of all that are
/// at least as probably right as wrong.
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

ClickMixture::ClickMixture(std::span<const double> clicked, std::span<const double> passed_over) {
  const auto num_clicked = static_cast<double>(clicked.size());
  const auto num_passed_over = static_cast<double>(passed_over.size());
  for (const Bin& bin : falling(bins_of(clicked, passed_over))) {
    // Half a pair more of each keeps the ratio finite where one kind is missing.
    const double ratio =
        (bin.num_clicked + 0.5) / (num_clicked + 1) / ((bin.num_passed_over + 0.5) / (num_passed_over + 1));
    steps_.push_back({bin.last_distance, ratio});
  }
  // With shares a and b of the same product among clicked and passed over, the ratio falls from a / b, where
  // all pairs are of one product, to (1 - a) / (1 - b), where none is.
  const double nearest = std::max(steps_.front().density_ratio, 1.0);
  const double farthest = std::min(steps_.back().density_ratio, 1.0);
  if (nearest - farthest < 1e-9) return;  // clicks say nothing; leave the shares at their extremes
  same_among_passed_over_ = (1 - farthest) / (nearest - farthest);
  same_among_clicked_ = nearest * same_among_passed_over_;
}

double ClickMixture::density_ratio(double distance) const {
  const auto step = std::lower_bound(steps_.begin(), steps_.end(), distance,
                                     [](const Step& s, double d) { return s.last_distance < d; });
  return step == steps_.end() ? steps_.back().density_ratio : step->density_ratio;
}

double ClickMixture::clicked_is_same(double distance) const {
  const double a = same_among_clicked_, b = same_among_passed_over_;
  return std::clamp(a * (1 - b - (1 - a) / density_ratio(distance)) / (a - b), 0.0, 1.0);
}

double ClickMixture::passed_over_is_other(double distance) const {
  const double a = same_among_clicked_, b = same_among_passed_over_;
  return std::clamp((1 - b) * (a - b * density_ratio(distance)) / (a - b), 0.0, 1.0);
}

Threshold choose_epsilon(const ClickMixture& mixture, std::span<const double> clicked, double purity) {
  std::vector<Chance> chances;
  for (const double distance : clicked) chances.push_back({distance, mixture.clicked_is_same(distance)});
  std::sort(chances.begin(), chances.end(),
            [](const Chance& a, const Chance& b) { return a.distance < b.distance; });
  return end_of_pure_run(chances, purity);
}

Threshold choose_gamma(const ClickMixture& mixture, std::span<const double> passed_over, double purity) {
  std::vector<Chance> chances;
  for (const double distance : passed_over)
    chances.push_back({distance, mixture.passed_over_is_other(distance)});
  std::sort(chances.begin(), chances.end(),
            [](const Chance& a, const Chance& b) { return a.distance > b.distance; });
  return end_of_pure_run(chances, purity);
}

}  // namespace vitrine::clicks
