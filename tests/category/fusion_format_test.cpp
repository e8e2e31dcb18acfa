// SPDX-License-Identifier: MIT
#include "category/fusion_format.h"

#include <catch2/catch.hpp>
#include <limits>
#include <span>
#include <vector>

#include "vitrine/error.h"

namespace {

using namespace vitrine;

CategoryFusion sample_fusion() {
  CategoryFusion fusion;
  fusion.num_neighbors = 17;
  fusion.lambda = 12.5;
  fusion.model_temperature = 1.5;
  fusion.fused_temperature = 0.75;
  fusion.alpha = 0.625;
  fusion.category_alphas = {{"bags", 0.25}, {"Packages/Milk", 0.5}};
  fusion.model_categories = {"bags", "\xff not UTF-8", ""};
  fusion.search_categories = {"bags", "Packages/Milk"};
  fusion.num_samples = 300;
  return fusion;
}

ErrorCode failure_of_reading(std::span<const std::byte> bytes) {
  try {
    CategoryFusion::from_bytes(bytes);
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("expected an error");
  return ErrorCode::kInternal;
}

}  // namespace

TEST_CASE("a fusion read from its bytes is the one that was written") {
  const CategoryFusion written = sample_fusion();
  const auto bytes = written.to_bytes();
  const CategoryFusion read = CategoryFusion::from_bytes(bytes);
  CHECK(read.num_neighbors == 17);
  CHECK(read.lambda == 12.5);
  CHECK(read.model_temperature == 1.5);
  CHECK(read.fused_temperature == 0.75);
  CHECK(read.alpha == 0.625);
  CHECK(read.category_alphas == written.category_alphas);
  CHECK(read.model_categories == written.model_categories);
  CHECK(read.search_categories == written.search_categories);
  CHECK(read.num_samples == 300);
  CHECK(read.to_bytes() == bytes);
  CHECK(CategoryFusion::from_bytes(CategoryFusion{}.to_bytes()).lambda == 8);
}

TEST_CASE("bytes of a fusion cut short or too many are refused") {
  auto bytes = sample_fusion().to_bytes();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    REQUIRE(failure_of_reading(std::span(bytes).first(length)) == ErrorCode::kCorrupt);
  }
  bytes.push_back(std::byte{0});
  CHECK(failure_of_reading(bytes) == ErrorCode::kCorrupt);
}

TEST_CASE("any flipped bit of a fusion is noticed") {
  const auto bytes = sample_fusion().to_bytes();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] ^= std::byte{1} << (bit % 8);
    INFO("bit " << bit);
    REQUIRE(failure_of_reading(damaged) == ErrorCode::kCorrupt);
  }
}

TEST_CASE("numbers out of range are refused although the checksum holds") {
  const auto refused = [](const auto& change) {
    CategoryFusion fusion = sample_fusion();
    change(fusion);
    return failure_of_reading(category::write_fusion(fusion)) == ErrorCode::kCorrupt;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(refused([](CategoryFusion& f) { f.num_neighbors = 0; }));
  CHECK(refused([](CategoryFusion& f) { f.lambda = -1; }));
  CHECK(refused([&](CategoryFusion& f) { f.lambda = nan; }));
  CHECK(refused([](CategoryFusion& f) { f.model_temperature = 0; }));
  CHECK(refused([&](CategoryFusion& f) { f.fused_temperature = nan; }));
  CHECK(refused([](CategoryFusion& f) { f.alpha = 1.01; }));
  CHECK(refused([](CategoryFusion& f) { f.category_alphas["bags"] = -0.5; }));
}

TEST_CASE("the bytes of a fusion are those of the documented format") {
  // docs/format.md, worked example.
  CategoryFusion fusion;
  fusion.search_categories = {"ab"};
  const auto bytes = fusion.to_bytes();
  const unsigned char expected[] = {
      0x89, 0x56, 0x43, 0x41, 0x54, 0x0d, 0x0a, 0x1a, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1e,
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x20, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf0, 0x3f, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0xf0, 0x3f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xe0, 0x3f, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0xc6, 0xaa, 0x2f, 0x3e, 0x09, 0xb8, 0x5d, 0x81, 0x02, 0x00, 0x00, 0x00, 0x61, 0x62};
  REQUIRE(bytes.size() == sizeof expected);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    INFO("byte " << i);
    CHECK(std::to_integer<unsigned>(bytes[i]) == expected[i]);
  }
}
