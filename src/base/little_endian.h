// SPDX-License-Identifier: MIT
#pragma once
/// Numbers at byte positions of a header, least significant byte first whatever the machine.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace vitrine::base {

template <typename Integer>
void put(std::span<std::byte> bytes, std::size_t offset, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    bytes[offset + i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff);
  }
}

template <typename Integer>
Integer get(std::span<const std::byte> bytes, std::size_t offset) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value |= static_cast<std::uint64_t>(bytes[offset + i]) << (8 * i);
  }
  return static_cast<Integer>(value);
}

/// IEEE 754 binary64.
inline void put_real(std::span<std::byte> bytes, std::size_t offset, double value) {
  put(bytes, offset, std::bit_cast<std::uint64_t>(value));
}
inline double get_real(std::span<const std::byte> bytes, std::size_t offset) {
  return std::bit_cast<double>(get<std::uint64_t>(bytes, offset));
}

}  // namespace vitrine::base
