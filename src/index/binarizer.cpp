// SPDX-License-Identifier: MIT
#include "vitrine/binarizer.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "index/binarizer_format.h"
#include "index/binarizer_parameters.h"
#include "index/itq.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using index::BinarizerParameters;

constexpr int kMaxIterations = 1000;

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::kInvalidArgument, message);
}

void check_features(std::span<const float> features, std::size_t dim, const char* action) {
  if (features.size() % dim != 0) {
    refuse(std::string(action) + ": expected rows of " + std::to_string(dim) + " numbers, found " +
           std::to_string(features.size()) + " numbers in all");
  }
  const auto bad =
      std::find_if_not(features.begin(), features.end(), [](float v) { return std::isfinite(v); });
  if (bad != features.end()) {
    const auto at = static_cast<std::size_t>(bad - features.begin());
    refuse(std::string(action) + ": number " + std::to_string(at % dim) + " of row " +
           std::to_string(at / dim) + " is not finite");
  }
}

void check_options(std::size_t dim, const BinarizerOptions& options) {
  if (dim == 0 || dim > index::kMaxFeatureDim) {
    refuse("training a binarizer: expected 1 to 65536 dimensions, found " + std::to_string(dim));
  }
  if (options.code_bits == 0 || options.code_bits % 64 != 0 || options.code_bits > index::kMaxBinarizerBits ||
      options.code_bits > dim) {
    refuse(
        "training a binarizer: code_bits must be a multiple of 64 from 64 to 4096 and at most the "
        "dimension, " +
        std::to_string(dim) + "; found " + std::to_string(options.code_bits));
  }
  if (options.iterations < 1 || options.iterations > kMaxIterations) {
    refuse("training a binarizer: iterations must lie in 1 to 1000, found " +
           std::to_string(options.iterations));
  }
}

// The middle value, or the mean of the two in the middle; sorts `values` in part.
float median_of(std::vector<float>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  const float below = *std::max_element(values.begin(), middle);
  return static_cast<float>((static_cast<double>(below) + *middle) / 2);
}

std::vector<float> medians(std::span<const float> features, std::size_t dim, std::size_t num_dims) {
  std::vector<float> result(num_dims);
  std::vector<float> column(features.size() / dim);
  for (std::size_t d = 0; d < num_dims; ++d) {
    for (std::size_t row = 0; row < column.size(); ++row) column[row] = features[row * dim + d];
    result[d] = median_of(column);
  }
  return result;
}

void set_bit(std::byte* code, std::size_t bit) {
  code[bit / 8] |= std::byte{1} << (bit % 8);
}

// Four sums at a time: one alone would wait for each addition, and a compiler may not reorder them.
double dot(const float* axis, const std::vector<double>& deviation) {
  constexpr std::size_t kSums = 4;
  double sums[kSums] = {};
  std::size_t d = 0;
  for (; d + kSums <= deviation.size(); d += kSums) {
    for (std::size_t s = 0; s < kSums; ++s) sums[s] += axis[d + s] * deviation[d + s];
  }
  for (; d < deviation.size(); ++d) sums[0] += axis[d] * deviation[d];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// `code` is zero.
void write_code(const BinarizerParameters& parameters, std::span<const float> feature, std::byte* code) {
  const auto& offsets = parameters.offsets;
  if (parameters.projection.empty()) {
    for (std::size_t i = 0; i < parameters.code_bits; ++i) {
      if (feature[i] > (offsets.empty() ? 0.0F : offsets[i])) set_bit(code, i);
    }
    return;
  }
  // The difference first: features that do not vary then give exactly 0 instead of rounding errors.
  std::vector<double> deviation(parameters.dim);
  for (std::size_t d = 0; d < parameters.dim; ++d) {
    deviation[d] = static_cast<double>(feature[d]) - offsets[d];
  }
  for (std::size_t i = 0; i < parameters.code_bits; ++i) {
    const float* axis = parameters.projection.data() + i * parameters.dim;
    if (dot(axis, deviation) > 0) set_bit(code, i);
  }
}

}  // namespace

std::string_view to_string(BinarizerMethod method) {
  switch (method) {
    case BinarizerMethod::kSign:
      return "sign";
    case BinarizerMethod::kMedian:
      return "median";
    case BinarizerMethod::kItq:
      return "itq";
  }
  return "unknown";
}

struct Binarizer::Impl {
  BinarizerParameters parameters;
};

Binarizer::Binarizer(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Binarizer Binarizer::train(std::span<const float> features, std::size_t dim,
                           const BinarizerOptions& options) {
  check_options(dim, options);
  check_features(features, dim, "training a binarizer");
  if (features.empty()) refuse("training a binarizer: expected at least one feature, found none");
  BinarizerParameters parameters{.method = options.method, .dim = dim, .code_bits = options.code_bits};
  if (options.method == BinarizerMethod::kMedian) {
    parameters.offsets = medians(features, dim, options.code_bits);
  } else if (options.method == BinarizerMethod::kItq) {
    index::ItqResult itq =
        index::train_itq(features, dim, options.code_bits, options.iterations, options.seed);
    parameters.offsets = std::move(itq.mean);
    parameters.projection = std::move(itq.projection);
  }
  return Binarizer(std::make_shared<const Impl>(Impl{std::move(parameters)}));
}

Binarizer Binarizer::from_bytes(std::span<const std::byte> bytes) {
  return Binarizer(std::make_shared<const Impl>(Impl{index::read_binarizer(bytes)}));
}

std::vector<std::byte> Binarizer::to_bytes() const {
  return index::write_binarizer(impl_->parameters);
}

std::vector<std::byte> Binarizer::apply(std::span<const float> feature) const {
  if (feature.size() != feature_dim()) {
    refuse("binarizing a feature: expected " + std::to_string(feature_dim()) + " numbers, found " +
           std::to_string(feature.size()));
  }
  return apply_batch(feature);
}

std::vector<std::byte> Binarizer::apply_batch(std::span<const float> features) const {
  const BinarizerParameters& parameters = impl_->parameters;
  check_features(features, parameters.dim, "binarizing features");
  const std::size_t code_bytes = parameters.code_bits / 8;
  std::vector<std::byte> codes(features.size() / parameters.dim * code_bytes);
  for (std::size_t row = 0; row < features.size() / parameters.dim; ++row) {
    write_code(parameters, features.subspan(row * parameters.dim, parameters.dim),
               codes.data() + row * code_bytes);
  }
  return codes;
}

BinarizerMethod Binarizer::method() const {
  return impl_->parameters.method;
}
std::size_t Binarizer::feature_dim() const {
  return impl_->parameters.dim;
}
std::size_t Binarizer::code_bits() const {
  return impl_->parameters.code_bits;
}

}  // namespace vitrine
