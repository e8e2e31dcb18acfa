// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace vitrine::network {

/// 128-bit hash (XXH3) of a list of parts, for fingerprints.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  /// Every part goes with its length, so that no two lists of parts look alike.
  void add(std::span<const std::byte> part);
  void add(std::string_view part) { add(std::as_bytes(std::span(part))); }

  /// 32 digits.
  std::string hex_digits() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vitrine::network
