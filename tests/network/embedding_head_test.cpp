// SPDX-License-Identifier: MIT
#include "network/embedding_head.h"

#include <catch2/catch.hpp>

#include "network/error_matcher.h"

namespace vitrine::test {
namespace {

TEST_CASE("bit i of a sign code is set where feature i is above zero") {
  std::vector<float> feature(128, -1.0F);
  feature[0] = 1e-30F;
  feature[9] = 2;
  feature[10] = 0;
  feature[127] = 0.5F;
  const auto code = sign_code(feature);
  REQUIRE(code.size() == 16);
  for (std::size_t i = 0; i < feature.size(); ++i) {
    const bool bit = (code[i / 8] >> (i % 8) & std::byte{1}) == std::byte{1};
    REQUIRE(bit == (feature[i] > 0));
  }
}

TEST_CASE("a sign code needs whole 64-bit words") {
  REQUIRE(sign_code({}).empty());
  REQUIRE(fails_with(ErrorCode::kInvalidArgument, "100", [] { sign_code(std::vector<float>(100)); }));
}

TEST_CASE("features have length one and probabilities sum to one, however large the numbers") {
  network::Model model;
  model.category = network::LinearParameters{std::vector<float>(3 * 64, 1e4F), {1e5F, -1e5F, 1e5F}};
  std::vector<float> output(64, 1e6F);
  const Embedding embedding = network::finish_embedding(model, output);
  for (const float value : embedding.feature) REQUIRE(value == Approx(0.125));
  REQUIRE(embedding.category_probabilities[0] == Approx(0.5));
  REQUIRE(embedding.category_probabilities[1] == Approx(0));
}

TEST_CASE("an output of zeros gives a zero feature, not NaN") {
  const Embedding embedding = network::finish_embedding({}, std::vector<float>(64, 0.0F));
  REQUIRE(embedding.feature == std::vector<float>(64, 0.0F));
}

}  // namespace
}  // namespace vitrine::test
