// SPDX-License-Identifier: MIT
#pragma once
/// What reader and writer of safetensors share: names and sizes of dtypes, limits, the checksum.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "network/safetensors.h"

namespace vitrine::network {

/// The header's length comes first, as a little-endian 64-bit number.
inline constexpr std::size_t kHeaderLengthBytes = 8;
/// The longest header accepted: ours has 20 KiB, and the JSON parser needs some ten times the header's size.
inline constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{16} << 20;
inline constexpr const char* kMetadataKey = "__metadata__";
inline constexpr const char* kChecksumKey = "checksum";

std::string_view dtype_name(Dtype dtype);
std::optional<Dtype> dtype_named(std::string_view name);
std::size_t dtype_bytes(Dtype dtype);

/// Bytes of a tensor of this shape; nothing if an extent is negative or the product overflows.
std::optional<std::uint64_t> tensor_bytes(Dtype dtype, std::span<const std::int64_t> shape);

/// "[2, 3]".
std::string shape_text(std::span<const std::int64_t> shape);

/// "xxh3-64:" and 16 hex digits.
std::string data_checksum(std::span<const std::byte> data);

}  // namespace vitrine::network
