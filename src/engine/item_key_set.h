// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <functional>
#include <string_view>
#include <unordered_set>

#include "vitrine/item.h"

namespace vitrine::engine {

struct ItemKeyHash {
  std::size_t operator()(const ItemKey* key) const {
    return std::hash<std::string_view>{}(key->product) * 31 + std::hash<std::string_view>{}(key->picture);
  }
};
struct ItemKeyEqual {
  bool operator()(const ItemKey* a, const ItemKey* b) const { return *a == *b; }
};

/// Keys that live elsewhere, and outlive the set.
using ItemKeySet = std::unordered_set<const ItemKey*, ItemKeyHash, ItemKeyEqual>;

}  // namespace vitrine::engine
