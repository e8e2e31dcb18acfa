// SPDX-License-Identifier: MIT
#include "training/triplet_loss.h"

#include "training/torch_with_catch.h"

#include "training/gradients.h"

using namespace vitrine::training;
using namespace vitrine::test;

namespace {

torch::Tensor rows(std::vector<std::int64_t> values) {
  return torch::tensor(values, torch::kInt64);
}

// Angles in degrees of unit vectors in the plane: ||a - b||^2 is 2 - 2 cos(angle between them).
torch::Tensor directions(std::vector<double> degrees) {
  const torch::Tensor angles = torch::tensor(degrees, torch::kFloat64) * (M_PI / 180);
  return torch::stack({angles.cos(), angles.sin()}, 1);
}

// Rows: 0 query A, 1 its positive at 90 degrees (distance 2), 2 and 3 negatives at 60 (1) and 180 (4);
// 4 query B at 0 degrees, 5 its positive at 60 (distance 1).
const torch::Tensor kFeatures = directions({0, 90, 60, 180, 0, 60});

TripletRows two_queries(bool shared) {
  const torch::Tensor own = torch::tensor({{1, 0}, {0, 1}}, torch::kInt64) > 0;
  return {rows({0, 4}), rows({1, 5}), rows({2, 3}), shared ? torch::ones({2, 2}, torch::kBool) : own,
          torch::ones({2})};
}

double value(const TripletRows& triplets, double margin, bool query_mean) {
  return triplet_loss(kFeatures, triplets, margin, query_mean).item<double>();
}

}  // namespace

TEST_CASE("the triplet loss equals its formula with own and with shared negatives") {
  // A: 2 - 1 + 0.1 = 1.1 and [2 - 4 + 0.1]+ = 0.  B: 1 - 1 + 0.1 = 0.1 and [1 - 4 + 0.1]+ = 0.
  CHECK(value(two_queries(false), 0.1, false) == Approx((1.1 + 0) / 2));
  CHECK(value(two_queries(true), 0.1, false) == Approx((1.1 + 0 + 0.1 + 0) / 4));
  // 5 more of margin makes every hinge active.
  CHECK(value(two_queries(true), 5.1, false) == Approx((6.1 + 3.1 + 5.1 + 2.1) / 4));
}

TEST_CASE("with the query-level mean each query counts once, whatever its number of negatives") {
  TripletRows triplets = two_queries(true);
  triplets.compared[1][0] = false;  // B has one negative, at distance 4
  CHECK(value(triplets, 5.1, false) == Approx((6.1 + 3.1 + 2.1) / 3));
  CHECK(value(triplets, 5.1, true) == Approx(((6.1 + 3.1) / 2 + 2.1) / 2));
}

TEST_CASE("triplets of one query share its voice") {
  // A a second time, with the positive of B (distance 1): hinges 1 - 1 + 0.1 and 0.
  TripletRows triplets{rows({0, 0, 4}), rows({1, 5, 5}), rows({2, 3}), torch::ones({3, 2}, torch::kBool),
                       torch::ones({3})};
  CHECK(value(triplets, 0.1, false) == Approx((1.1 + 0.1 + 0.1) / 6));
  CHECK(value(triplets, 0.1, true) == Approx(((1.1 + 0.1) / 4 + 0.1 / 2) / 2));
}

TEST_CASE("weights say how much a triplet counts") {
  TripletRows triplets = two_queries(true);
  triplets.weights = torch::tensor({3.0F, 1.0F});
  CHECK(value(triplets, 0.1, false) == Approx((3 * 1.1 + 0.1) / 8));
  CHECK(value(triplets, 0.1, true) == Approx((3 * 1.1 / 2 + 0.1 / 2) / 4));
  // Within one query, too.
  TripletRows one{rows({0, 0}), rows({1, 5}), rows({2}), torch::ones({2, 1}, torch::kBool),
                  torch::tensor({3.0F, 1.0F})};
  CHECK(value(one, 0.1, true) == Approx((3 * 1.1 + 0.1) / 4));
}

TEST_CASE("triplets that are compared with nothing do not count") {
  TripletRows triplets = two_queries(true);
  triplets.compared[1].fill_(false);
  CHECK(value(triplets, 0.1, true) == Approx(1.1 / 2));
  CHECK(value(triplets, 0.1, false) == Approx(1.1 / 2));
  triplets.compared.fill_(false);
  CHECK(value(triplets, 0.1, true) == 0);
}

TEST_CASE("gradients of the triplet loss agree with finite differences") {
  const torch::Tensor raw = random_matrix(9, 5, 3);
  // Two triplets of row 0, one of row 1; rows 5 to 8 are negatives.
  const TripletRows triplets{rows({0, 0, 1}), rows({2, 3, 4}), rows({5, 6, 7, 8}), torch::rand({3, 4}) > 0.3,
                             torch::tensor({0.5F, 2.0F, 1.25F})};
  for (const bool query_mean : {false, true}) {
    const auto loss = [&](const torch::Tensor& x) {
      return triplet_loss(unit_rows(x), triplets, 0.3, query_mean);
    };
    REQUIRE(loss(raw).item<double>() > 0.01);
    CHECK(gradient_error(loss, raw) < 1e-6);
  }
}
