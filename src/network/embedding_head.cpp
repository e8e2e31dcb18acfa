// SPDX-License-Identifier: MIT
#include "network/embedding_head.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>

#include "vitrine/error.h"

namespace vitrine {

std::vector<std::byte> sign_code(std::span<const float> feature) {
  if (feature.size() % 64 != 0) {
    throw Error(ErrorCode::kInvalidArgument, "cannot make a sign code of a feature of length " +
                                                 std::to_string(feature.size()) +
                                                 ": expected a multiple of 64");
  }
  std::vector<std::byte> code(feature.size() / 8);
  for (std::size_t i = 0; i < feature.size(); ++i) {
    if (feature[i] > 0) code[i / 8] |= std::byte{1} << (i % 8);
  }
  return code;
}

namespace network {
namespace {

std::vector<float> normalized(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += double{value} * value;
  // A picture that excites nothing keeps the zero vector: similar to nothing.
  const auto factor = static_cast<float>(1 / std::max(std::sqrt(sum), 1e-12));
  std::vector<float> result(values.begin(), values.end());
  for (float& value : result) value *= factor;
  return result;
}

std::vector<float> softmax_of_linear(const LinearParameters& layer, std::span<const float> feature) {
  std::vector<float> values = layer.bias;
  for (std::size_t row = 0; row < values.size(); ++row) {
    const float* weights = layer.weight.data() + row * feature.size();
    values[row] = std::inner_product(feature.begin(), feature.end(), weights, values[row]);
  }
  if (values.empty()) return values;
  const float largest = *std::max_element(values.begin(), values.end());
  for (float& value : values) value = std::exp(value - largest);
  const float sum = std::accumulate(values.begin(), values.end(), 0.0F);
  for (float& value : values) value /= sum;
  return values;
}

}  // namespace

Embedding finish_embedding(const Model& model, std::span<const float> output) {
  Embedding embedding;
  embedding.feature = normalized(output);
  embedding.code = sign_code(embedding.feature);
  if (model.category)
    embedding.category_probabilities = softmax_of_linear(*model.category, embedding.feature);
  return embedding;
}

Embedding mean_of(const Embedding& first, const Embedding& second) {
  Embedding mean = first;
  std::transform(first.feature.begin(), first.feature.end(), second.feature.begin(), mean.feature.begin(),
                 std::plus<>());
  mean.feature = normalized(mean.feature);
  mean.code = sign_code(mean.feature);
  std::transform(first.category_probabilities.begin(), first.category_probabilities.end(),
                 second.category_probabilities.begin(), mean.category_probabilities.begin(),
                 [](float a, float b) { return (a + b) / 2; });
  return mean;
}

}  // namespace network
}  // namespace vitrine
