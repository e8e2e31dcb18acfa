// SPDX-License-Identifier: MIT
#include "vitrine/binarizer.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "index/itq.h"
#include "vitrine/error.h"

namespace {

using namespace vitrine;

constexpr std::size_t kDim = 96;
constexpr std::size_t kBits = 64;
constexpr BinarizerMethod kMethods[] = {BinarizerMethod::kSign, BinarizerMethod::kMedian,
                                        BinarizerMethod::kItq};

// Rows with dimensions of unlike spread, some of them correlated, about a mean.
std::vector<float> random_features(std::size_t num_rows, std::uint64_t seed, std::size_t dim = kDim) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> features(num_rows * dim);
  for (std::size_t row = 0; row < num_rows; ++row) {
    const float shared = normal(random);
    for (std::size_t d = 0; d < dim; ++d) {
      const float spread = 1.0F / std::sqrt(static_cast<float>(d + 1));
      features[row * dim + d] = 0.3F + spread * normal(random) + (d % 3 == 0 ? 0.5F * shared : 0.0F);
    }
  }
  return features;
}

bool bit(const std::vector<std::byte>& code, std::size_t i) {
  return (code[i / 8] >> (i % 8) & std::byte{1}) == std::byte{1};
}

template <typename Call>
ErrorCode code_of_failure(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("expected an error");
  return ErrorCode::kInternal;
}

BinarizerOptions options_for(BinarizerMethod method) {
  return {.method = method, .code_bits = kBits, .iterations = 10, .seed = 1};
}

}  // namespace

TEST_CASE("the sign method sets the bits of positive numbers among the first dimensions") {
  std::vector<float> feature(kDim, -1.0F);
  feature[0] = 0.5F;
  feature[1] = 0.0F;
  feature[9] = 1e-30F;
  feature[63] = 2.0F;
  feature[64] = 3.0F;  // beyond the code
  const auto binarizer = Binarizer::train(feature, kDim, options_for(BinarizerMethod::kSign));
  const auto code = binarizer.apply(feature);
  REQUIRE(code.size() == kBits / 8);
  CHECK(code[0] == std::byte{0x01});
  CHECK(code[1] == std::byte{0x02});
  CHECK(code[7] == std::byte{0x80});
  for (const std::size_t byte : {2, 3, 4, 5, 6}) CHECK(code[byte] == std::byte{0});
}

TEST_CASE("the median method compares with the middle value of each dimension") {
  // Dimension 0: 1 2 9, median 2. Dimension 1: 7 7 7. All others: 0 0 0.
  std::vector<float> odd(3 * kDim, 0.0F);
  for (std::size_t row = 0; row < 3; ++row) odd[row * kDim + 1] = 7;
  odd[0 * kDim] = 9;
  odd[1 * kDim] = 1;
  odd[2 * kDim] = 2;
  const auto of_odd = Binarizer::train(odd, kDim, options_for(BinarizerMethod::kMedian));
  const auto codes = of_odd.apply_batch(odd);
  CHECK(codes[0] == std::byte{0x01});
  CHECK(codes[8] == std::byte{0});
  CHECK(codes[16] == std::byte{0});

  // Dimension 0: 1 2 3 10, median 2.5.
  std::vector<float> even(4 * kDim, 0.0F);
  even[0 * kDim] = 10;
  even[1 * kDim] = 1;
  even[2 * kDim] = 3;
  even[3 * kDim] = 2;
  const auto of_even = Binarizer::train(even, kDim, options_for(BinarizerMethod::kMedian));
  std::vector<float> probe(kDim, 0.0F);
  probe[0] = 2.5F;
  CHECK_FALSE(bit(of_even.apply(probe), 0));
  probe[0] = 2.5001F;
  CHECK(bit(of_even.apply(probe), 0));
}

TEST_CASE("each bit of the median method is set in half of the training rows") {
  const auto features = random_features(101, 3);
  const auto codes =
      Binarizer::train(features, kDim, options_for(BinarizerMethod::kMedian)).apply_batch(features);
  for (std::size_t i = 0; i < kBits; ++i) {
    int num_set = 0;
    for (std::size_t row = 0; row < 101; ++row) {
      num_set += (codes[row * kBits / 8 + i / 8] >> (i % 8) & std::byte{1}) == std::byte{1} ? 1 : 0;
    }
    CHECK(num_set == 50);
  }
}

TEST_CASE("ITQ projects on orthonormal axes and its error never rises") {
  const auto features = random_features(1000, 4);
  const auto itq = index::train_itq(features, kDim, kBits, 30, 1);
  REQUIRE(itq.projection.size() == kBits * kDim);
  for (std::size_t i = 0; i < kBits; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double dot = 0;
      for (std::size_t d = 0; d < kDim; ++d) {
        dot += static_cast<double>(itq.projection[i * kDim + d]) * itq.projection[j * kDim + d];
      }
      REQUIRE(dot == Approx(i == j ? 1.0 : 0.0).margin(1e-5));
    }
  }
  REQUIRE(itq.errors.size() == 30);
  for (std::size_t round = 1; round < itq.errors.size(); ++round) {
    CHECK(itq.errors[round] <= itq.errors[round - 1] * (1 + 1e-6));
  }
  CHECK(itq.errors.back() < itq.errors.front());
}

TEST_CASE("ITQ with as many bits as dimensions is a rotation: it keeps distances") {
  const auto features = random_features(500, 5, 64);
  const auto itq = index::train_itq(features, 64, 64, 5, 1);
  double before = 0;
  double after = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    double component = 0;
    for (std::size_t d = 0; d < 64; ++d) {
      component += static_cast<double>(itq.projection[i * 64 + d]) * (features[d] - features[64 + d]);
    }
    after += component * component;
    before += std::pow(static_cast<double>(features[i]) - features[64 + i], 2);
  }
  CHECK(after == Approx(before).epsilon(1e-4));
}

TEST_CASE("equal seeds give equal binarizers, other seeds others") {
  const auto features = random_features(400, 6);
  BinarizerOptions options = options_for(BinarizerMethod::kItq);
  const auto first = Binarizer::train(features, kDim, options).to_bytes();
  CHECK(first == Binarizer::train(features, kDim, options).to_bytes());
  options.seed = 2;
  CHECK(first != Binarizer::train(features, kDim, options).to_bytes());
}

TEST_CASE("codes of ITQ keep neighbours together") {
  // Two groups far apart: codes differ more between the groups than within one.
  auto features = random_features(200, 7);
  for (std::size_t row = 100; row < 200; ++row) {
    for (std::size_t d = 0; d < kDim; ++d) features[row * kDim + d] += d % 2 == 0 ? 3.0F : -3.0F;
  }
  const auto codes =
      Binarizer::train(features, kDim, options_for(BinarizerMethod::kItq)).apply_batch(features);
  const auto distance = [&](std::size_t a, std::size_t b) {
    int sum = 0;
    for (std::size_t i = 0; i < kBits / 8; ++i) {
      sum += std::popcount(std::to_integer<unsigned>(codes[a * 8 + i] ^ codes[b * 8 + i]));
    }
    return sum;
  };
  int within = 0;
  int between = 0;
  for (std::size_t i = 0; i < 99; ++i) {
    within += distance(i, i + 1);
    between += distance(i, i + 100);
  }
  CHECK(between > within);
}

TEST_CASE("data that say little still give a binarizer") {
  std::vector<float> features;
  std::string kind = GENERATE(as<std::string>(), "constant", "one row", "fewer rows than bits", "huge");
  if (kind == "constant") features.assign(50 * kDim, 0.7F);
  if (kind == "one row") features = random_features(1, 8);
  if (kind == "fewer rows than bits") features = random_features(10, 9);
  if (kind == "huge") {
    features = random_features(100, 10);
    for (float& value : features) value *= 5e37F;
  }
  for (const BinarizerMethod method : kMethods) {
    INFO(kind << ", " << to_string(method));
    const auto binarizer = Binarizer::train(features, kDim, options_for(method));
    const auto codes = binarizer.apply_batch(features);
    REQUIRE(codes.size() == features.size() / kDim * kBits / 8);
    if (kind == "constant" && method != BinarizerMethod::kSign) {
      for (const std::byte byte : codes) REQUIRE(byte == std::byte{0});
    }
  }
}

TEST_CASE("wrong arguments are refused") {
  const auto features = random_features(20, 11);
  const auto refused = [&](std::span<const float> given, std::size_t dim, const BinarizerOptions& options) {
    return code_of_failure([&] { Binarizer::train(given, dim, options); }) == ErrorCode::kInvalidArgument;
  };
  for (const BinarizerMethod method : kMethods) {
    BinarizerOptions options = options_for(method);
    CHECK(refused({}, kDim, options));
    CHECK(refused(features, 0, options));
    CHECK(refused(std::span(features).first(kDim + 1), kDim, options));
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      auto damaged = features;
      damaged[kDim + 5] = bad;
      CHECK(refused(damaged, kDim, options));
      const auto binarizer = Binarizer::train(features, kDim, options);
      CHECK(code_of_failure([&] { binarizer.apply_batch(damaged); }) == ErrorCode::kInvalidArgument);
    }
    for (const std::size_t bits : {0, 32, 65, 128, 4160}) {
      options.code_bits = bits;
      CHECK(refused(features, kDim, options));
    }
    options.code_bits = kBits;
    for (const int iterations : {0, -1, 1001}) {
      options.iterations = iterations;
      CHECK(refused(features, kDim, options));
    }
  }
  const auto binarizer = Binarizer::train(features, kDim, options_for(BinarizerMethod::kMedian));
  CHECK(code_of_failure([&] { binarizer.apply(std::span(features).first(kDim - 1)); }) ==
        ErrorCode::kInvalidArgument);
  CHECK(code_of_failure([&] { binarizer.apply({}); }) == ErrorCode::kInvalidArgument);
  CHECK(binarizer.apply_batch({}).empty());
}
