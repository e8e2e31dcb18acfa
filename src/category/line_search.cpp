// SPDX-License-Identifier: MIT
#include "category/line_search.h"

#include <algorithm>

namespace vitrine::category {
namespace {

constexpr double kGolden = 0.6180339887498949;
constexpr int kSections = 24;  // leaves 1e-5 of the first interval

}  // namespace

double minimize(double low, double high, int num_points, const std::function<double(double)>& cost) {
  const double step = (high - low) / (num_points - 1);
  double best = low;
  double best_cost = cost(low);
  for (int i = 1; i < num_points; ++i) {
    const double place = low + step * i;
    const double place_cost = cost(place);
    if (place_cost < best_cost) {
      best = place;
      best_cost = place_cost;
    }
  }
  double left = std::max(low, best - step);
  double right = std::min(high, best + step);
  double inner_left = right - kGolden * (right - left);
  double inner_right = left + kGolden * (right - left);
  double left_cost = cost(inner_left);
  double right_cost = cost(inner_right);
  for (int i = 0; i < kSections; ++i) {
    if (left_cost <= right_cost) {
      right = inner_right;
      inner_right = inner_left;
      right_cost = left_cost;
      inner_left = right - kGolden * (right - left);
      left_cost = cost(inner_left);
    } else {
      left = inner_left;
      inner_left = inner_right;
      left_cost = right_cost;
      inner_right = left + kGolden * (right - left);
      right_cost = cost(inner_right);
    }
  }
  const double middle = (left + right) / 2;
  return cost(middle) < best_cost ? middle : best;
}

}  // namespace vitrine::category
