// SPDX-License-Identifier: MIT
#pragma once
/// What small formats of a fixed length have in common: 8 bytes that tell what it is, a version, fields, and
/// in the last 8 bytes a checksum of all before it.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vitrine/error.h"

namespace vitrine::base {

struct FixedFormat {
  std::string_view what;  ///< for messages: "a candidate count"
  std::array<unsigned char, 8> magic;
  std::uint32_t version;  ///< the newest that is known; stands at byte 8
  std::size_t num_bytes;
};

/// All bytes, with magic number and version; fields, from byte 12 on, and checksum are zero.
std::vector<std::byte> begin_bytes(const FixedFormat& format);
/// Fills in the checksum.
void end_bytes(std::span<std::byte> bytes);

/// Errors: kCorrupt with the offset, kUnsupported for a newer version.
void check_bytes(const FixedFormat& format, std::span<const std::byte> bytes);
/// For fields without sense.
Error corrupt(const FixedFormat& format, std::size_t offset, const std::string& message);

}  // namespace vitrine::base
