// SPDX-License-Identifier: MIT
#include "base/fixed_format.h"

#include <cstring>

#include "base/checksum.h"
#include "base/little_endian.h"

namespace vitrine::base {
namespace {

constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kChecksumBytes = 8;

std::string reading(const FixedFormat& format) {
  return "reading " + std::string(format.what) + ": ";
}

}  // namespace

std::vector<std::byte> begin_bytes(const FixedFormat& format) {
  std::vector<std::byte> bytes(format.num_bytes);
  std::memcpy(bytes.data(), format.magic.data(), format.magic.size());
  put(std::span(bytes), kVersionAt, format.version);
  return bytes;
}

void end_bytes(std::span<std::byte> bytes) {
  const std::size_t checksum_at = bytes.size() - kChecksumBytes;
  put(bytes, checksum_at, checksum_64(bytes.first(checksum_at)));
}

void check_bytes(const FixedFormat& format, std::span<const std::byte> bytes) {
  if (bytes.size() < kVersionAt + sizeof(format.version) ||
      std::memcmp(bytes.data(), format.magic.data(), format.magic.size()) != 0)
    throw corrupt(format, 0, "this is none");
  if (const auto version = get<std::uint32_t>(bytes, kVersionAt); version > format.version) {
    throw Error(ErrorCode::kUnsupported, reading(format) + "version " + std::to_string(version) +
                                             " is newer than " + std::to_string(format.version) +
                                             ", the newest that this program knows");
  }
  if (bytes.size() != format.num_bytes) {
    throw corrupt(
        format, 0,
        "expected " + std::to_string(format.num_bytes) + " bytes, found " + std::to_string(bytes.size()));
  }
  const std::size_t checksum_at = bytes.size() - kChecksumBytes;
  if (get<std::uint64_t>(bytes, checksum_at) != checksum_64(bytes.first(checksum_at)))
    throw corrupt(format, checksum_at, "the checksum does not match");
}

Error corrupt(const FixedFormat& format, std::size_t offset, const std::string& message) {
  return {ErrorCode::kCorrupt, reading(format) + "at byte " + std::to_string(offset) + ": " + message};
}

}  // namespace vitrine::base
