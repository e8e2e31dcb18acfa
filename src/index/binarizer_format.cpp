// SPDX-License-Identifier: MIT
#include "index/binarizer_format.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>

#include "base/little_endian.h"
#include "vitrine/error.h"

namespace vitrine::index {
namespace {

using base::get;
using base::put;

constexpr std::array<unsigned char, 8> kMagic = {0x89, 'V', 'B', 'I', 'N', '\r', '\n', 0x1a};
constexpr std::uint16_t kMajorVersion = 1;
constexpr std::uint16_t kMinorVersion = 0;
constexpr std::size_t kHeaderBytes = 64;

// Offsets of the header's fields.
constexpr std::size_t kMajorAt = 8;
constexpr std::size_t kMinorAt = 10;
constexpr std::size_t kMethodAt = 12;
constexpr std::size_t kDimAt = 16;
constexpr std::size_t kBitsAt = 20;
constexpr std::size_t kPayloadBytesAt = 24;
constexpr std::size_t kRequiredFlagsAt = 34;  // flags that a reader may ignore stand before, at 32
constexpr std::size_t kPayloadChecksumAt = 56;
constexpr std::size_t kHeaderChecksumAt = 60;

[[noreturn]] void corrupt(std::size_t offset, const std::string& message) {
  throw Error(ErrorCode::kCorrupt, "reading a binarizer: at byte " + std::to_string(offset) + ": " + message);
}

// CRC-32C (Castagnoli), bit by bit reflected; a binarizer is read once, so a table of 256 is fast enough.
constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82f63b78U : 0U);
    table[byte] = value;
  }
  return table;
}

std::uint32_t crc32c(std::span<const std::byte> bytes) {
  static constexpr auto kTable = crc_table();
  std::uint32_t value = ~0U;
  for (const std::byte byte : bytes) {
    value = kTable[(value ^ std::to_integer<std::uint32_t>(byte)) & 0xff] ^ (value >> 8);
  }
  return ~value;
}

std::uint32_t number_of(BinarizerMethod method) {
  return method == BinarizerMethod::kSign ? 1 : method == BinarizerMethod::kMedian ? 2 : 3;
}

BinarizerMethod method_of(std::uint32_t number) {
  if (number == 1) return BinarizerMethod::kSign;
  if (number == 2) return BinarizerMethod::kMedian;
  if (number == 3) return BinarizerMethod::kItq;
  corrupt(kMethodAt, "expected method 1, 2 or 3, found " + std::to_string(number));
}

// Fields of the header, without the floats.
BinarizerParameters read_header(std::span<const std::byte> bytes) {
  if (bytes.size() < kHeaderBytes) {
    corrupt(bytes.size(), "expected a header of 64 bytes, found the end");
  }
  for (std::size_t i = 0; i < kMagic.size(); ++i) {
    if (std::to_integer<unsigned>(bytes[i]) != kMagic[i])
      corrupt(i, "these are not the bytes of a binarizer");
  }
  if (get<std::uint32_t>(bytes, kHeaderChecksumAt) != crc32c(bytes.first(kHeaderChecksumAt))) {
    corrupt(kHeaderChecksumAt, "the header does not match its checksum");
  }
  const auto major = get<std::uint16_t>(bytes, kMajorAt);
  if (major != kMajorVersion || get<std::uint16_t>(bytes, kRequiredFlagsAt) != 0) {
    throw Error(ErrorCode::kUnsupported, "reading a binarizer: format version " + std::to_string(major) +
                                             " or one of its flags is not known to this version of Vitrine");
  }
  BinarizerParameters result;
  result.method = method_of(get<std::uint32_t>(bytes, kMethodAt));
  result.dim = get<std::uint32_t>(bytes, kDimAt);
  result.code_bits = get<std::uint32_t>(bytes, kBitsAt);
  if (result.dim > kMaxFeatureDim) {
    corrupt(kDimAt, "expected at most 65536 dimensions, found " + std::to_string(result.dim));
  }
  if (result.code_bits == 0 || result.code_bits % 64 != 0 || result.code_bits > kMaxBinarizerBits ||
      result.code_bits > result.dim) {
    corrupt(kBitsAt, "expected a multiple of 64 up to 4096 and the dimension, found " +
                         std::to_string(result.code_bits) + " bits");
  }
  return result;
}

std::vector<float> read_floats(std::span<const std::byte> bytes, std::size_t offset, std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = std::bit_cast<float>(get<std::uint32_t>(bytes, offset + 4 * i));
    if (!std::isfinite(values[i])) corrupt(offset + 4 * i, "expected a finite number");
  }
  return values;
}

}  // namespace

std::size_t num_offsets(const BinarizerParameters& parameters) {
  if (parameters.method == BinarizerMethod::kSign) return 0;
  return parameters.method == BinarizerMethod::kMedian ? parameters.code_bits : parameters.dim;
}

std::size_t num_projection(const BinarizerParameters& parameters) {
  return parameters.method == BinarizerMethod::kItq ? parameters.code_bits * parameters.dim : 0;
}

std::vector<std::byte> write_binarizer(const BinarizerParameters& parameters) {
  const std::size_t payload_bytes = 4 * (parameters.offsets.size() + parameters.projection.size());
  std::vector<std::byte> bytes(kHeaderBytes + payload_bytes);
  std::transform(kMagic.begin(), kMagic.end(), bytes.begin(),
                 [](unsigned char byte) { return static_cast<std::byte>(byte); });
  put(bytes, kMajorAt, kMajorVersion);
  put(bytes, kMinorAt, kMinorVersion);
  put(bytes, kMethodAt, number_of(parameters.method));
  put(bytes, kDimAt, static_cast<std::uint32_t>(parameters.dim));
  put(bytes, kBitsAt, static_cast<std::uint32_t>(parameters.code_bits));
  put(bytes, kPayloadBytesAt, static_cast<std::uint64_t>(payload_bytes));
  std::size_t offset = kHeaderBytes;
  for (const auto* values : {&parameters.offsets, &parameters.projection}) {
    for (const float value : *values) {
      put(bytes, offset, std::bit_cast<std::uint32_t>(value));
      offset += 4;
    }
  }
  put(bytes, kPayloadChecksumAt, crc32c(std::span(bytes).subspan(kHeaderBytes)));
  put(bytes, kHeaderChecksumAt, crc32c(std::span(bytes).first(kHeaderChecksumAt)));
  return bytes;
}

BinarizerParameters read_binarizer(std::span<const std::byte> bytes) {
  BinarizerParameters result = read_header(bytes);
  const std::size_t payload_bytes = 4 * (num_offsets(result) + num_projection(result));
  if (get<std::uint64_t>(bytes, kPayloadBytesAt) != payload_bytes) {
    corrupt(kPayloadBytesAt, "expected " + std::to_string(payload_bytes) +
                                 " bytes behind the header, found " +
                                 std::to_string(get<std::uint64_t>(bytes, kPayloadBytesAt)));
  }
  if (bytes.size() != kHeaderBytes + payload_bytes) {
    corrupt(std::min(bytes.size(), kHeaderBytes + payload_bytes),
            "expected " + std::to_string(kHeaderBytes + payload_bytes) + " bytes in all, found " +
                std::to_string(bytes.size()));
  }
  if (get<std::uint32_t>(bytes, kPayloadChecksumAt) != crc32c(bytes.subspan(kHeaderBytes))) {
    corrupt(kHeaderBytes, "the numbers do not match their checksum");
  }
  result.offsets = read_floats(bytes, kHeaderBytes, num_offsets(result));
  result.projection = read_floats(bytes, kHeaderBytes + 4 * num_offsets(result), num_projection(result));
  return result;
}

}  // namespace vitrine::index
