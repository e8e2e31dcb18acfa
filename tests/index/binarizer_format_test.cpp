// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstring>
#include <limits>
#include <random>

#include "index/binarizer_format.h"
#include "vitrine/binarizer.h"
#include "vitrine/error.h"

namespace {

using namespace vitrine;

constexpr std::size_t kDim = 70;
constexpr std::size_t kBits = 64;

std::vector<float> random_features(std::size_t num_rows) {
  std::mt19937_64 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> features(num_rows * kDim);
  for (float& value : features) value = normal(random);
  return features;
}

Binarizer trained(BinarizerMethod method) {
  return Binarizer::train(random_features(100), kDim,
                          {.method = method, .code_bits = kBits, .iterations = 3, .seed = 1});
}

ErrorCode failure_of_reading(std::span<const std::byte> bytes) {
  try {
    Binarizer::from_bytes(bytes);
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("expected an error");
  return ErrorCode::kInternal;
}

}  // namespace

TEST_CASE("a binarizer read from its bytes gives the same codes and bytes") {
  const auto features = random_features(30);
  for (const auto method : {BinarizerMethod::kSign, BinarizerMethod::kMedian, BinarizerMethod::kItq}) {
    const Binarizer written = trained(method);
    const auto bytes = written.to_bytes();
    const Binarizer read = Binarizer::from_bytes(bytes);
    CHECK(read.method() == method);
    CHECK(read.feature_dim() == kDim);
    CHECK(read.code_bits() == kBits);
    CHECK(read.apply_batch(features) == written.apply_batch(features));
    CHECK(read.to_bytes() == bytes);
  }
}

TEST_CASE("the bytes of a binarizer are those of the documented format") {
  // docs/format.md, worked example.
  const auto bytes = trained(BinarizerMethod::kSign).to_bytes();
  const unsigned char expected[] = {
      0x89, 0x56, 0x42, 0x49, 0x4e, 0x0d, 0x0a, 0x1a, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
      0x46, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x15, 0xe4, 0x87, 0xb5};
  REQUIRE(bytes.size() == sizeof expected);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    INFO("byte " << i);
    CHECK(std::to_integer<unsigned>(bytes[i]) == expected[i]);
  }
}

TEST_CASE("bytes cut short or too many are refused") {
  for (const auto method : {BinarizerMethod::kSign, BinarizerMethod::kMedian, BinarizerMethod::kItq}) {
    auto bytes = trained(method).to_bytes();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      REQUIRE(failure_of_reading(std::span(bytes).first(length)) == ErrorCode::kCorrupt);
    }
    bytes.push_back(std::byte{0});
    CHECK(failure_of_reading(bytes) == ErrorCode::kCorrupt);
  }
}

TEST_CASE("any flipped bit is noticed") {
  const auto bytes = trained(BinarizerMethod::kMedian).to_bytes();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] ^= std::byte{1} << (bit % 8);
    INFO("bit " << bit);
    REQUIRE(failure_of_reading(damaged) == ErrorCode::kCorrupt);
  }
}

TEST_CASE("fields out of range are refused although the checksums hold") {
  // As a hostile writer would make them: written by our own writer from impossible parameters.
  const auto refused = [](const index::BinarizerParameters& parameters) {
    return failure_of_reading(index::write_binarizer(parameters)) == ErrorCode::kCorrupt;
  };
  const auto sign = [](std::size_t dim, std::size_t bits) {
    return index::BinarizerParameters{.method = BinarizerMethod::kSign, .dim = dim, .code_bits = bits};
  };
  CHECK(refused(sign(kDim, 0)));
  CHECK(refused(sign(kDim, 65)));
  CHECK(refused(sign(kDim, 128)));
  CHECK(refused(sign(0, 64)));
  CHECK(refused(sign(1 << 17, 64)));
  CHECK(refused(sign(8192, 8192)));
  CHECK(refused(sign(0xffffffff, 0xffffffc0)));

  index::BinarizerParameters median{.method = BinarizerMethod::kMedian, .dim = kDim, .code_bits = kBits};
  CHECK(refused(median));  // no offsets
  median.offsets.assign(kBits, 0.0F);
  median.offsets[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK(refused(median));
  // Claims a projection of 4096 x 65536 floats that is not there: must not be allocated.
  CHECK(refused({.method = BinarizerMethod::kItq, .dim = 65536, .code_bits = 4096}));
}
