// SPDX-License-Identifier: MIT
#include "engine/product_groups.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace vitrine::engine {

void ProductGroups::add(Hit picture) {
  const auto [place, is_new] = places_.emplace(picture.product, products_.size());
  if (is_new) {
    products_.push_back(std::move(picture));
  } else {
    products_[place->second].more.push_back(
        {picture.id, std::move(picture.picture), std::move(picture.path), picture.score, picture.hamming});
  }
}

std::vector<std::string> ProductGroups::products_from(std::size_t first) const {
  std::vector<std::string> names;
  for (std::size_t i = first; i < products_.size(); ++i) names.push_back(products_[i].product);
  return names;
}

std::vector<Hit> ProductGroups::take(bool by_cosine) {
  std::stable_sort(products_.begin(), products_.end(), [&](const Hit& a, const Hit& b) {
    return by_cosine ? a.cosine > b.cosine : std::tie(a.hamming, a.id) < std::tie(b.hamming, b.id);
  });
  for (std::size_t i = 0; i < products_.size(); ++i) products_[i].rank = i + 1;
  return std::move(products_);
}

}  // namespace vitrine::engine
