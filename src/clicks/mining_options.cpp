// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>

#include "vitrine/clicks.h"
#include "vitrine/error.h"

namespace vitrine {

std::string_view to_string(DropReason reason) {
  constexpr std::array<std::string_view, kNumDropReasons> kNames = {
      "malformed_line", "duplicate_view",  "no_click",     "unreadable_query", "no_positive",
      "unknown_item",   "unreadable_item", "query_itself", "not_examined",     "click_too_far",
      "same_product",   "too_near",        "no_negative"};
  return kNames.at(static_cast<std::size_t>(reason));
}

void MiningOptions::validate() const {
  const auto require = [](bool holds, const char* expectation) {
    if (!holds)
      throw Error(ErrorCode::kInvalidArgument, std::string("cannot mine triplets: expected ") + expectation);
  };
  require(!epsilon || std::isfinite(*epsilon), "a finite epsilon");
  require(!gamma || std::isfinite(*gamma), "a finite gamma");
  require(positive_purity > 0 && positive_purity < 1, "positive_purity between 0 and 1");
  require(negative_purity > 0 && negative_purity < 1, "negative_purity between 0 and 1");
  require(max_weight >= 1, "max_weight of at least 1");
  require(sample_views > 0, "sample_views above 0");
  require(cached_pictures > 0, "cached_pictures above 0");
}

}  // namespace vitrine
