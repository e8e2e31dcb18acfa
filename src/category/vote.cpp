// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>

#include "vitrine/category.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

double squared_distance(double cosine) {
  return std::max(0.0, 2 - 2 * cosine);
}

void make_sum_one(std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  if (sum > 0) {
    for (double& value : values) value /= sum;
  }
}

}  // namespace

std::vector<double> vote_for_categories(std::span<const CategoryNeighbor> neighbors,
                                        std::size_t num_categories, double lambda) {
  if (!(lambda >= 0)) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot vote with lambda " + std::to_string(lambda) + ": it must be 0 or more");
  }
  // Relative to the nearest one, so that a large lambda does not make all weights 0; shares stay the same.
  double nearest = std::numeric_limits<double>::infinity();
  for (const CategoryNeighbor& neighbor : neighbors) {
    if (std::isfinite(neighbor.cosine)) nearest = std::min(nearest, squared_distance(neighbor.cosine));
  }
  std::vector<double> shares(num_categories);
  for (const CategoryNeighbor& neighbor : neighbors) {
    if (neighbor.category_index >= num_categories) {
      throw Error(ErrorCode::kInvalidArgument, "cannot vote: a neighbour has category number " +
                                                   std::to_string(neighbor.category_index) + ", there are " +
                                                   std::to_string(num_categories));
    }
    if (!std::isfinite(neighbor.cosine)) continue;
    shares[neighbor.category_index] += std::exp(-lambda * (squared_distance(neighbor.cosine) - nearest));
  }
  make_sum_one(shares);
  return shares;
}

std::vector<double> with_temperature(std::span<const double> probabilities, double temperature) {
  if (!(temperature > 0)) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot apply temperature " + std::to_string(temperature) + ": it must be above 0");
  }
  std::vector<double> result(probabilities.begin(), probabilities.end());
  const double largest = result.empty() ? 0 : *std::max_element(result.begin(), result.end());
  if (!(largest > 0)) return result;
  for (double& value : result) value = value > 0 ? std::pow(value / largest, 1 / temperature) : 0;
  make_sum_one(result);
  return result;
}

}  // namespace vitrine
