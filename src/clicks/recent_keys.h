// SPDX-License-Identifier: MIT
#pragma once
/// A memory that forgets: the values of the keys met lately, in bounded space.
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>

namespace vitrine::clicks {

/// Keeps at least the last `capacity` keys and at most twice as many: the younger half displaces the older.
template <typename Value>
class RecentKeys {
 public:
  explicit RecentKeys(std::size_t capacity) : capacity_(capacity) {}

  /// The value of a key, or null. Valid until the next `put`.
  const Value* find(std::uint64_t key) const {
    if (const auto found = young_.find(key); found != young_.end()) return &found->second;
    const auto found = old_.find(key);
    return found == old_.end() ? nullptr : &found->second;
  }

  void put(std::uint64_t key, Value value) {
    if (young_.size() >= capacity_) {
      old_ = std::exchange(young_, {});
    }
    young_.insert_or_assign(key, std::move(value));
  }

 private:
  std::size_t capacity_;
  std::unordered_map<std::uint64_t, Value> young_;
  std::unordered_map<std::uint64_t, Value> old_;
};

}  // namespace vitrine::clicks
