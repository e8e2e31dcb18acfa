// SPDX-License-Identifier: MIT
#include "index/code_model.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "index/random.h"
#include "vitrine/error.h"

namespace vitrine::benchmarks {
namespace {

constexpr std::size_t kDims = 128;
constexpr std::size_t kNumCategories = 200;
constexpr std::size_t kNumClusters = 10'000;

// Streams of the model; rows and queries have streams of their own (code_generator.cpp).
enum Stream : std::uint64_t { kProjection = 1, kCategories, kCentres, kMembership, kSizes, kRotation };

std::vector<float> normal_numbers(std::uint64_t seed, Stream stream, std::size_t count) {
  std::vector<float> values(count);
  Random(seed, stream).fill_normal(values);
  return values;
}

// Rows of a random Gaussian matrix made orthonormal (Gram and Schmidt): `[kDims, kDims]`.
std::vector<float> random_rotation(std::uint64_t seed) {
  std::vector<float> rows = normal_numbers(seed, kRotation, kDims * kDims);
  const auto row = [&](std::size_t i) { return std::span(rows).subspan(i * kDims, kDims); };
  const auto dot = [](std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < kDims; ++i) sum += static_cast<double>(a[i]) * b[i];
    return sum;
  };
  for (std::size_t i = 0; i < kDims; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const auto along = static_cast<float>(dot(row(i), row(j)));
      for (std::size_t d = 0; d < kDims; ++d) row(i)[d] -= along * row(j)[d];
    }
    const auto scale = static_cast<float>(1 / std::sqrt(dot(row(i), row(i))));
    for (float& value : row(i)) value *= scale;
  }
  return rows;
}

// `vectors` `[n, kDims]` through `projection` `[kDims, bits]`.
std::vector<float> projected(std::span<const float> vectors, std::span<const float> projection,
                             std::size_t bits) {
  std::vector<float> result(vectors.size() / kDims * bits, 0.0F);
  for (std::size_t i = 0; i < vectors.size() / kDims; ++i) {
    float* out = result.data() + i * bits;
    for (std::size_t d = 0; d < kDims; ++d) {
      const float value = vectors[i * kDims + d];
      for (std::size_t b = 0; b < bits; ++b) out[b] += value * projection[d * bits + b];
    }
  }
  return result;
}

// Axis j scaled by factor * (j + 1)^-exponent; `axes` `[kDims, kDims]`, one row an axis.
std::vector<float> scaled_axes(std::vector<float> axes, double factor, double exponent) {
  for (std::size_t j = 0; j < kDims; ++j) {
    const auto scale = static_cast<float>(factor * std::pow(static_cast<double>(j + 1), -exponent));
    for (std::size_t d = 0; d < kDims; ++d) axes[j * kDims + d] *= scale;
  }
  return axes;
}

std::vector<float> identity() {
  std::vector<float> axes(kDims * kDims, 0.0F);
  for (std::size_t d = 0; d < kDims; ++d) axes[d * kDims + d] = 1;
  return axes;
}

std::vector<double> log_normal_shares(std::uint64_t seed, double sigma) {
  std::vector<double> cumulative;
  double sum = 0;
  for (const float value : normal_numbers(seed, kSizes, kNumClusters)) {
    cumulative.push_back(sum += std::exp(sigma * value));
  }
  for (double& share : cumulative) share /= sum;
  return cumulative;
}

std::vector<float> cluster_centres(std::uint64_t seed) {
  const std::vector<float> categories = normal_numbers(seed, kCategories, kNumCategories * kDims);
  std::vector<float> centres = normal_numbers(seed, kCentres, kNumClusters * kDims);
  Random membership(seed, kMembership);
  for (std::size_t c = 0; c < kNumClusters; ++c) {
    const std::size_t category = membership.below(kNumCategories);
    for (std::size_t d = 0; d < kDims; ++d) {
      centres[c * kDims + d] = 0.6F * categories[category * kDims + d] + 0.8F * centres[c * kDims + d];
    }
  }
  return centres;
}

}  // namespace

CodeModel clustered_model(std::size_t bits, std::uint64_t seed) {
  const std::vector<float> projection = normal_numbers(seed, kProjection, kDims * bits);
  CodeModel model{.name = "clustered", .bits = bits, .seed = seed};
  model.anchors = projected(cluster_centres(seed), projection, bits);
  model.cumulative_share = log_normal_shares(seed, 0.8);
  model.row_noise = {kDims, projected(scaled_axes(random_rotation(seed), 0.75, 0.3), projection, bits)};
  model.query_noise = {kDims, projected(scaled_axes(identity(), 0.30, 0), projection, bits)};
  return model;
}

CodeModel hard_model(std::size_t bits, std::uint64_t seed) {
  const std::vector<float> projection = normal_numbers(seed, kProjection, kDims * bits);
  CodeModel model{.name = "hard", .bits = bits, .seed = seed};
  model.anchors.assign(bits, 0.0F);
  model.cumulative_share = {1.0};
  model.row_noise = {kDims, projected(scaled_axes(identity(), 1, 0.35), projection, bits)};
  model.query_noise = {kDims, projected(scaled_axes(identity(), 0.25, 0), projection, bits)};
  return model;
}

CodeModel real_model(const std::vector<float>& features, std::size_t dim, std::uint64_t seed) {
  constexpr float kRowNoise = 0.5F;
  constexpr float kQueryNoise = 0.3F;
  if (dim < 64 || features.size() < 2 * dim) {
    throw Error(ErrorCode::kInvalidArgument,
                "using real features: expected at least 2 of 64 dimensions or more");
  }
  const std::size_t bits = dim / 64 * 64;
  const std::size_t num = features.size() / dim;
  CodeModel model{.name = "real", .bits = bits, .seed = seed};
  for (std::size_t i = 0; i < num; ++i) {
    const auto first = features.begin() + static_cast<std::ptrdiff_t>(i * dim);
    model.anchors.insert(model.anchors.end(), first, first + static_cast<std::ptrdiff_t>(bits));
  }
  std::vector<float> row_scales(bits);
  std::vector<float> query_scales(bits);
  for (std::size_t b = 0; b < bits; ++b) {
    double sum = 0;
    double squares = 0;
    for (std::size_t i = 0; i < num; ++i) {
      const double value = features[i * dim + b];
      sum += value;
      squares += value * value;
    }
    const double mean = sum / static_cast<double>(num);
    const double variance = std::max(0.0, squares / static_cast<double>(num) - mean * mean);
    row_scales[b] = kRowNoise * static_cast<float>(std::sqrt(variance));
    query_scales[b] = kQueryNoise * static_cast<float>(std::sqrt(variance));
  }
  model.row_noise = {bits, std::move(row_scales), true};
  model.query_noise = {bits, std::move(query_scales), true};
  return model;
}

}  // namespace vitrine::benchmarks
