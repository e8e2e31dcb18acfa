// SPDX-License-Identifier: MIT
#pragma once
// A category head on frozen features: softmax regression. What the category branch of a model would be, in
// seconds, for categories that the model at hand does not have.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace vitrine::benchmarks {

struct LabelledFeatures {
  std::vector<std::vector<float>> features;  // [n, dim], length 1
  std::vector<std::string> labels;           // [n]
};

class SoftmaxHead {
 public:
  // Cross-entropy with weight decay, stochastic gradient descent with momentum over shuffled mini-batches.
  static SoftmaxHead train(const LabelledFeatures& data, std::uint64_t seed);

  const std::vector<std::string>& names() const { return names_; }
  std::vector<float> probabilities(std::span<const float> feature) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<float>> weights_;  // [names, dim + 1], the bias last
};

}  // namespace vitrine::benchmarks
