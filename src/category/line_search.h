// SPDX-License-Identifier: MIT
#pragma once
#include <functional>

namespace vitrine::category {

/// Where `cost` is least between `low` and `high`: the best of `num_points` evenly spaced places, then golden
/// sections (Kiefer 1953) between its neighbours. Of equal places the lowest.
double minimize(double low, double high, int num_points, const std::function<double(double)>& cost);

}  // namespace vitrine::category
