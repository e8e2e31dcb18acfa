// SPDX-License-Identifier: MIT
#include "clicks/view_filter.h"

#include <catch2/catch.hpp>

namespace vitrine::clicks {
namespace {

// One feature whose random pairs have mean 0 and deviation 1, so that fused distances are the raw ones.
FusedDistance plain_distance() {
  const std::vector<RawDistances> pairs = {{-1.0F}, {1.0F}};
  return FusedDistance(1, {pairs, pairs});
}

ComparedItem item(std::uint32_t product, bool clicked, float to_photo, std::vector<RawDistances> to_clicks) {
  return {0, product, "item", 1, clicked, std::nullopt, {to_photo}, std::move(to_clicks)};
}

}  // namespace

TEST_CASE("the paper's rule, by hand") {
  ComparedView view;
  view.items = {item(1, true, -3.0F, {{-9.0F}, {-1.0F}}),     // kept click
                item(2, true, -1.5F, {{-1.0F}, {-9.0F}}),     // click beyond epsilon
                item(3, false, -0.5F, {{-0.2F}, {-5.0F}}),    // near the dropped click only: kept
                item(4, false, -2.5F, {{0.0F}, {0.0F}}),      // near the photo
                item(5, false, -0.5F, {{-2.4F}, {0.0F}}),     // near the kept click
                item(1, false, 0.5F, {{0.5F}, {0.0F}}),       // of the kept click's product
                item(6, false, -1.0F, {{-0.999F}, {0.0F}})};  // just at gamma: kept
  view.clicks = {0, 1};
  const std::vector<ItemVerdict> verdicts = judge(view, {plain_distance(), -2, -1});
  REQUIRE(verdicts.size() == 7);
  CHECK_FALSE(verdicts[0].dropped);
  CHECK(verdicts[0].distance == Approx(-3));
  CHECK(verdicts[1].dropped == DropReason::kClickTooFar);
  CHECK(verdicts[1].distance == Approx(-1.5));
  CHECK_FALSE(verdicts[2].dropped);
  CHECK(verdicts[2].distance == Approx(-0.5));
  CHECK(verdicts[3].dropped == DropReason::kTooNear);
  CHECK(verdicts[4].dropped == DropReason::kTooNear);
  CHECK(verdicts[4].distance == Approx(-2.4));
  CHECK(verdicts[5].dropped == DropReason::kSameProduct);
  CHECK_FALSE(verdicts[6].dropped);
}

TEST_CASE("a click is not its own nearest click") {
  ComparedView view;
  view.items = {item(1, true, -3.0F, {{-9.0F}, {-2.0F}}), item(2, true, -2.5F, {{-2.0F}, {-9.0F}})};
  view.clicks = {0, 1};
  const FusedDistance distance = plain_distance();
  CHECK(kept_clicks(view, distance, -2.7) == std::vector<std::size_t>{0});
  CHECK(nearest_distance(view, 0, {0, 1}, distance) == Approx(-3));
  CHECK(nearest_distance(view, 1, {0, 1}, distance) == Approx(-2.5));
  CHECK(nearest_distance(view, 1, {1}, distance) == Approx(-2.5));
}

}  // namespace vitrine::clicks
