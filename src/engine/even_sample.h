// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

namespace vitrine::engine {

/// At most `wanted` of them, evenly spread, in their order.
template <typename T>
std::vector<T> even_sample(std::vector<T> all, std::size_t wanted) {
  if (all.size() <= wanted) return all;
  std::vector<T> kept;
  for (std::size_t i = 0; i < wanted; ++i) kept.push_back(std::move(all[i * all.size() / wanted]));
  return kept;
}

}  // namespace vitrine::engine
