// SPDX-License-Identifier: MIT
#pragma once
/// From pictures to products: a hit a product, its best picture, and its others.
#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "vitrine/engine.h"

namespace vitrine::engine {

class ProductGroups {
 public:
  /// Room for so many products.
  explicit ProductGroups(std::size_t limit) : limit_(limit) {}

  /// Pictures must come best first. One of a known product joins it; one of a new product is its best one.
  void add(Hit picture);
  bool is_full() const { return products_.size() == limit_; }
  std::size_t size() const { return products_.size(); }
  /// Those that were added from this place on, in order of addition.
  std::vector<std::string> products_from(std::size_t first) const;
  /// Best first (by cosine, or by Hamming distance), with their ranks.
  std::vector<Hit> take(bool by_cosine);

 private:
  std::size_t limit_;
  std::vector<Hit> products_;
  std::unordered_map<std::string, std::size_t> places_;  // in products_
};

}  // namespace vitrine::engine
