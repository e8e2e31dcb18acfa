// SPDX-License-Identifier: MIT
#include "clicks/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "clicks/examination.h"
#include "clicks/threshold.h"
#include "vitrine/error.h"

namespace vitrine::clicks {
namespace {

constexpr std::size_t kLeastPairs = 50;  // below, a fit says more about chance than about the log
constexpr std::size_t kHistogramBins = 48;

/// Distances of clicked and of passed-over items.
struct Samples {
  std::vector<double> clicked;
  std::vector<double> passed_over;
};

/// Which items of a view the fits may use. Those above the last click were looked at for certain, and are in
/// the sample whether they were clicked or not; the last click itself is there because it was clicked, which
/// would make clicks look commoner the farther down they are.
class TellingItems {
 public:
  TellingItems(std::span<const ComparedView> sample, MiningReport& report) {
    std::size_t num_clicks = 0;
    for (const ComparedView& view : sample)
      num_clicks += static_cast<std::size_t>(std::count_if(
          view.items.begin(), view.items.begin() + static_cast<std::ptrdiff_t>(count_above(view)),
          [](const ComparedItem& item) { return item.clicked; }));
    only_above_ = num_clicks >= kLeastPairs;
    if (!only_above_ && !sample.empty())
      report.notes.emplace_back(
          "hardly any page view has two clicks, so epsilon and gamma are chosen with the last clicks, too, "
          "which makes them less certain");
  }

  /// The first so many items of the view.
  std::size_t count(const ComparedView& view) const {
    return only_above_ ? count_above(view) : view.items.size();
  }

 private:
  static std::size_t count_above(const ComparedView& view) {
    return view.clicks.empty() ? 0 : view.clicks.back();
  }

  bool only_above_ = true;
};

FusedDistance fit_distance(std::span<const ComparedView> sample, const TellingItems& telling,
                           const RandomPairs& random_pairs, std::size_t num_features) {
  FusedDistance distance(num_features, random_pairs);
  std::vector<RawDistances> clicked, passed_over;
  for (const ComparedView& view : sample)
    for (std::size_t i = 0; i < telling.count(view); ++i)
      (view.items[i].clicked ? clicked : passed_over).push_back(view.items[i].to_photo);
  distance.fit_weights(clicked, passed_over, random_pairs);
  return distance;
}

Samples distances_to_photo(std::span<const ComparedView> sample, const TellingItems& telling,
                           const FusedDistance& distance) {
  Samples samples;
  for (const ComparedView& view : sample)
    for (std::size_t i = 0; i < telling.count(view); ++i)
      (view.items[i].clicked ? samples.clicked : samples.passed_over)
          .push_back(distance(PairKind::kPhotoItem, view.items[i].to_photo));
  return samples;
}

/// The distances that gamma is compared with. A click is measured against the photo and the other kept clicks
/// of its view.
Samples distances_to_nearest(std::span<const ComparedView> sample, const TellingItems& telling,
                             const FusedDistance& distance, double epsilon) {
  Samples samples;
  for (const ComparedView& view : sample) {
    const std::vector<std::size_t> kept = kept_clicks(view, distance, epsilon);
    if (kept.empty()) continue;
    for (std::size_t i = 0; i < telling.count(view); ++i)
      (view.items[i].clicked ? samples.clicked : samples.passed_over)
          .push_back(nearest_distance(view, i, kept, distance));
  }
  return samples;
}

void require_pairs(std::size_t num_found, const char* what, const char* threshold, const char* option) {
  if (num_found < kLeastPairs)
    throw Error(ErrorCode::kInvalidArgument,
                "cannot choose " + std::string(threshold) + " from the log: expected at least " +
                    std::to_string(kLeastPairs) + ' ' + what + " that can be used, found " +
                    std::to_string(num_found) + "; give it by " + option + " or use a longer log");
}

void note_purity(const Threshold& threshold, double wanted, const char* name, MiningReport& report) {
  if (threshold.expected_purity >= wanted) return;
  char text[160];
  std::snprintf(text, sizeof text,
                "%s: a purity of %.3f is out of reach, the distances of one and of different products "
                "overlap; expected %.3f",
                name, wanted, threshold.expected_purity);
  report.notes.emplace_back(text);
}

DistanceHistogram histogram(const Samples& samples) {
  DistanceHistogram result;
  std::vector<double> all = samples.clicked;
  all.insert(all.end(), samples.passed_over.begin(), samples.passed_over.end());
  if (all.empty()) return result;
  const auto [low, high] = std::minmax_element(all.begin(), all.end());
  result.low = *low;
  result.bin_width = std::max((*high - *low) / static_cast<double>(kHistogramBins), 1e-9);
  const auto count = [&](const std::vector<double>& values) {
    std::vector<std::uint64_t> bins(kHistogramBins);
    for (const double value : values) {
      const auto bin = static_cast<std::size_t>((value - result.low) / result.bin_width);
      ++bins[std::min(bin, kHistogramBins - 1)];
    }
    return bins;
  };
  result.clicked = count(samples.clicked);
  result.not_clicked = count(samples.passed_over);
  return result;
}

double fit_epsilon(const Samples& samples, const MiningOptions& options, MiningReport& report) {
  if (options.epsilon) return *options.epsilon;
  require_pairs(samples.clicked.size(), "clicks", "epsilon", "--epsilon");
  require_pairs(samples.passed_over.size(), "items examined and not clicked", "epsilon", "--epsilon");
  const ClickMixture mixture(samples.clicked, samples.passed_over);
  const Threshold threshold = choose_epsilon(mixture, samples.clicked, options.positive_purity);
  note_purity(threshold, options.positive_purity, "epsilon", report);
  return threshold.value;
}

double fit_gamma(const Samples& samples, const MiningOptions& options, MiningReport& report) {
  if (options.gamma) return *options.gamma;
  require_pairs(samples.passed_over.size(), "items examined and not clicked", "gamma", "--gamma");
  require_pairs(samples.clicked.size(), "kept clicks", "gamma", "--gamma");
  const ClickMixture mixture(samples.clicked, samples.passed_over);
  const Threshold threshold = choose_gamma(mixture, samples.passed_over, options.negative_purity);
  note_purity(threshold, options.negative_purity, "gamma", report);
  return threshold.value;
}

}  // namespace

Calibration calibrate(std::span<const ComparedView> sample, const CalibrationSampler& sampler,
                      std::size_t num_features, const MiningOptions& options, MiningReport& report) {
  const TellingItems telling(sample, report);
  Calibration calibration{{fit_distance(sample, telling, sampler.pairs, num_features)}, {}};
  FilterRule& rule = calibration.rule;
  const Samples to_photo = distances_to_photo(sample, telling, rule.distance);
  rule.epsilon = fit_epsilon(to_photo, options, report);
  const Samples to_nearest = distances_to_nearest(sample, telling, rule.distance, rule.epsilon);
  rule.gamma = fit_gamma(to_nearest, options, report);
  calibration.examination = estimate_examination(sampler.impressions);
  report.epsilon = rule.epsilon;
  report.gamma = rule.gamma;
  report.weights.assign(rule.distance.weights().begin(), rule.distance.weights().end());
  report.to_query = histogram(to_photo);
  report.to_nearest = histogram(to_nearest);
  return calibration;
}

}  // namespace vitrine::clicks
