// SPDX-License-Identifier: MIT
#pragma once
/// Numbers out of headers. The caller has checked that they lie inside `bytes`.
#include <cstddef>
#include <cstdint>
#include <span>

namespace vitrine::image {

inline std::uint32_t u8_at(std::span<const std::byte> bytes, std::size_t offset) {
  return std::to_integer<std::uint32_t>(bytes[offset]);
}
inline std::uint32_t le16_at(std::span<const std::byte> bytes, std::size_t offset) {
  return u8_at(bytes, offset) | u8_at(bytes, offset + 1) << 8;
}
inline std::uint32_t le32_at(std::span<const std::byte> bytes, std::size_t offset) {
  return le16_at(bytes, offset) | le16_at(bytes, offset + 2) << 16;
}
inline std::uint32_t be16_at(std::span<const std::byte> bytes, std::size_t offset) {
  return u8_at(bytes, offset) << 8 | u8_at(bytes, offset + 1);
}
inline std::uint32_t be32_at(std::span<const std::byte> bytes, std::size_t offset) {
  return be16_at(bytes, offset) << 16 | be16_at(bytes, offset + 2);
}

}  // namespace vitrine::image
