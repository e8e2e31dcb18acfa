// SPDX-License-Identifier: MIT
#pragma once
/// Integers at byte positions of a header, least significant byte first whatever the machine.
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

}  // namespace vitrine::base
