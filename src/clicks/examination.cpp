// SPDX-License-Identifier: MIT
#include "clicks/examination.h"

#include <algorithm>

namespace vitrine::clicks {
namespace {

constexpr std::size_t kDistanceBins = 20;
constexpr std::size_t kEnoughImpressions = 20;
constexpr int kRounds = 200;

struct Counts {
  double shown = 0;
  double clicked = 0;
};

/// Impressions by position and distance bin; bins hold equally many.
class Table {
 public:
  explicit Table(std::span<const Impression> impressions) {
    std::vector<double> distances;
    for (const Impression& impression : impressions) {
      distances.push_back(impression.distance);
      num_positions_ = std::max(num_positions_, row_of(impression.position) + 1);
    }
    std::sort(distances.begin(), distances.end());
    counts_.resize(num_positions_ * kDistanceBins);
    for (const Impression& impression : impressions) {
      const auto rank = std::lower_bound(distances.begin(), distances.end(), impression.distance);
      const auto bin = static_cast<std::size_t>(rank - distances.begin()) * kDistanceBins / distances.size();
      Counts& counts = counts_[row_of(impression.position) * kDistanceBins + bin];
      ++counts.shown;
      counts.clicked += impression.clicked ? 1 : 0;
    }
  }

  std::size_t num_positions() const { return num_positions_; }
  const Counts& at(std::size_t position, std::size_t bin) const {
    return counts_[position * kDistanceBins + bin];
  }
  double num_shown(std::size_t position) const {
    double sum = 0;
    for (std::size_t bin = 0; bin < kDistanceBins; ++bin) sum += at(position, bin).shown;
    return sum;
  }

 private:
  static std::size_t row_of(std::size_t position) { return std::min(position, kLastPosition) - 1; }

  std::size_t num_positions_ = 0;
  std::vector<Counts> counts_;
};

/// One round of expectation maximisation: who did not click did not look or was not attracted.
void improve(const Table& table, std::vector<double>& examined, std::vector<double>& attractive) {
  std::vector<double> looks(examined.size()), shown(examined.size());
  std::vector<double> attracted(kDistanceBins), shown_in_bin(kDistanceBins);
  for (std::size_t position = 0; position < examined.size(); ++position) {
    for (std::size_t bin = 0; bin < kDistanceBins; ++bin) {
      const Counts& counts = table.at(position, bin);
      const double e = examined[position], a = attractive[bin];
      const double passed_over = counts.shown - counts.clicked;
      const double no_click = std::max(1 - e * a, 1e-12);
      looks[position] += counts.clicked + passed_over * e * (1 - a) / no_click;
      attracted[bin] += counts.clicked + passed_over * a * (1 - e) / no_click;
      shown[position] += counts.shown;
      shown_in_bin[bin] += counts.shown;
    }
  }
  for (std::size_t i = 0; i < examined.size(); ++i)
    if (shown[i] > 0) examined[i] = looks[i] / shown[i];
  for (std::size_t i = 0; i < kDistanceBins; ++i)
    if (shown_in_bin[i] > 0) attractive[i] = attracted[i] / shown_in_bin[i];
}

}  // namespace

std::vector<double> estimate_examination(std::span<const Impression> impressions) {
  if (impressions.empty()) return {};
  const Table table(impressions);
  std::vector<double> examined(table.num_positions(), 0.5);
  std::vector<double> attractive(kDistanceBins, 0.5);
  for (int i = 0; i < kRounds; ++i) improve(table, examined, attractive);
  // Only the product of both factors shows in the data, so the scale is ours to choose.
  double most = 0;
  for (std::size_t i = 0; i < examined.size(); ++i)
    if (table.num_shown(i) >= kEnoughImpressions) most = std::max(most, examined[i]);
  double previous = 1;
  for (std::size_t i = 0; i < examined.size(); ++i) {
    if (table.num_shown(i) >= kEnoughImpressions && most > 0) previous = examined[i] / most;
    examined[i] = previous;
  }
  return examined;
}

}  // namespace vitrine::clicks
