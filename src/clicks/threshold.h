// SPDX-License-Identifier: MIT
#pragma once
/// Epsilon and gamma from the log itself. Pairs of one product and of different products are seen only mixed:
/// in one share among clicks, in another among non-clicks. The ratio of the two densities tells them apart
/// (mutual contamination models: Scott, Blanchard, Handy, "Classification with Asymmetric Label Noise", COLT
/// 2013) without assuming any form of either distribution.
#include <span>
#include <vector>

namespace vitrine::clicks {

/// Assumptions: whether an item is clicked depends on its product, not on its distance within the product;
/// the ratio of both densities falls with the distance; the nearest pairs are all of one product and the
/// farthest all of different ones. Where the last fails, as for a model that cannot tell two products apart,
/// shares are overestimated.
class ClickMixture {
 public:
  /// Both samples must not be empty. Cost: O(n log n).
  ClickMixture(std::span<const double> clicked, std::span<const double> passed_over);

  /// Share of pairs of one product among the clicked and among the passed over.
  double same_among_clicked() const { return same_among_clicked_; }
  double same_among_passed_over() const { return same_among_passed_over_; }

  /// Probability that an item clicked at this distance is of the photo's product. Falls with the distance.
  double clicked_is_same(double distance) const;
  /// Probability that an item passed over at this distance is of another product. Rises with the distance.
  double passed_over_is_other(double distance) const;

 private:
  /// Pairs up to a distance, and how much denser clicks are there than non-clicks.
  struct Step {
    double last_distance = 0;
    double density_ratio = 1;
  };
  double density_ratio(double distance) const;

  std::vector<Step> steps_;  ///< by ascending distance, falling ratio
  double same_among_clicked_ = 1;
  double same_among_passed_over_ = 0;
};

struct Threshold {
  double value = 0;
  double expected_purity = 0;  ///< below what was asked for if that is out of reach
};

/// The largest epsilon for which clicks at most that far are expected to show the same product in at least
/// `purity` of all cases; if there is none, up to where a click is as probably wrong as right.
Threshold choose_epsilon(const ClickMixture& mixture, std::span<const double> clicked, double purity);

/// The smallest gamma for which non-clicks at least that far are expected to show another product in at least
/// `purity` of all cases; if there is none, down to where a non-click is as probably wrong as right.
Threshold choose_gamma(const ClickMixture& mixture, std::span<const double> passed_over, double purity);

}  // namespace vitrine::clicks
