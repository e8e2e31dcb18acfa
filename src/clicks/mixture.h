// SPDX-License-Identifier: MIT
#pragma once
/// Two kinds of pairs, same product and other product, seen only mixed: in one share among clicks, in another
/// among non-clicks. Because both samples mix the same two distributions, these can be told apart.
#include <span>
#include <vector>

namespace vitrine::clicks {

struct Normal {
  double mean = 0;
  double deviation = 1;
};

struct Mixture {
  Normal same;   ///< distances of pairs of one product
  Normal other;  ///< of different products; mean at least that of `same`
  double same_among_clicks = 0.5;
  double same_among_non_clicks = 0.5;
};

/// Fits by expectation maximisation (Dempster, Laird, Rubin 1977). Assumption: each kind's distances are
/// normally distributed, and a click depends on the kind, not on the distance within a kind. `clicks` may be
/// empty; `non_clicks` must not.
Mixture fit_mixture(std::span<const double> clicks, std::span<const double> non_clicks);

struct Threshold {
  double value = 0;
  double expected_purity = 0;  ///< by the mixture; below what was asked for if that is out of reach
};

/// The largest epsilon for which clicks at most that far are expected to show the same product in at least
/// `purity` of all cases; if there is none, where same and other are equally likely.
Threshold choose_epsilon(const Mixture& mixture, std::span<const double> clicks, double purity);

/// The smallest gamma for which non-clicks at least that far are expected to show another product in at least
/// `purity` of all cases; if there is none, where same and other are equally likely.
Threshold choose_gamma(const Mixture& mixture, std::span<const double> non_clicks, double purity);

}  // namespace vitrine::clicks
