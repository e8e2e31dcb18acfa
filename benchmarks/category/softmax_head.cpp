// SPDX-License-Identifier: MIT
#include "category/softmax_head.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

namespace vitrine::benchmarks {
namespace {

constexpr float kFeatureScale = 16;  // features of length 1 would need large weights
constexpr int kEpochs = 30;
constexpr std::size_t kBatch = 64;
constexpr float kRate = 0.02F;
constexpr float kMomentum = 0.9F;
constexpr float kDecay = 1e-3F;

// In eight sums, which the compiler may form at once.
float dot(std::span<const float> a, std::span<const float> b) {
  constexpr std::size_t kLanes = 8;
  float sums[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= b.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  float sum = 0;
  for (; i < b.size(); ++i) sum += a[i] * b[i];
  for (const float part : sums) sum += part;
  return sum;
}

void add(std::span<float> to, std::span<const float> from, float factor) {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] += factor * from[i];
}

}  // namespace

std::vector<float> SoftmaxHead::probabilities(std::span<const float> feature) const {
  std::vector<float> result;
  for (const std::vector<float>& row : weights_)
    result.push_back(kFeatureScale * dot(row, feature) + row.back());
  const float largest = *std::max_element(result.begin(), result.end());
  float sum = 0;
  for (float& value : result) sum += value = std::exp(value - largest);
  for (float& value : result) value /= sum;
  return result;
}

SoftmaxHead SoftmaxHead::train(const LabelledFeatures& data, std::uint64_t seed) {
  SoftmaxHead head;
  const std::set<std::string> names(data.labels.begin(), data.labels.end());
  head.names_.assign(names.begin(), names.end());
  std::vector<std::size_t> truths;
  for (const std::string& label : data.labels) {
    truths.push_back(static_cast<std::size_t>(
        std::lower_bound(head.names_.begin(), head.names_.end(), label) - head.names_.begin()));
  }
  const std::size_t dim = data.features.front().size();
  head.weights_.assign(head.names_.size(), std::vector<float>(dim + 1));
  auto velocity = head.weights_;
  auto gradient = head.weights_;
  std::vector<std::size_t> order(truths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937_64 random(seed);
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    std::shuffle(order.begin(), order.end(), random);
    const float rate = kRate * 0.5F * (1 + std::cos(3.14159265F * static_cast<float>(epoch) / kEpochs));
    for (std::size_t begin = 0; begin < order.size(); begin += kBatch) {
      const std::size_t end = std::min(order.size(), begin + kBatch);
      for (auto& row : gradient) std::fill(row.begin(), row.end(), 0.0F);
      for (std::size_t i = begin; i < end; ++i) {
        std::vector<float> error = head.probabilities(data.features[order[i]]);
        error[truths[order[i]]] -= 1;
        for (std::size_t c = 0; c < error.size(); ++c) {
          const float factor = error[c] / static_cast<float>(end - begin);
          add(gradient[c], data.features[order[i]], kFeatureScale * factor);
          gradient[c].back() += factor;
        }
      }
      for (std::size_t c = 0; c < gradient.size(); ++c) {
        for (std::size_t d = 0; d <= dim; ++d) {
          const float decay = d < dim ? kDecay * head.weights_[c][d] : 0;
          velocity[c][d] = kMomentum * velocity[c][d] + gradient[c][d] + decay;
          head.weights_[c][d] -= rate * velocity[c][d];
        }
      }
    }
  }
  return head;
}

}  // namespace vitrine::benchmarks
