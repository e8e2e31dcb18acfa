// SPDX-License-Identifier: MIT
#include "image/exif.h"

#include <cstdint>
#include <cstring>

#include "image/byte_order.h"

namespace vitrine::image {
namespace {

constexpr int kUpright = 1;
constexpr std::uint32_t kOrientationTag = 0x0112;
constexpr std::uint32_t kTypeShort = 3;
constexpr std::uint32_t kTypeLong = 4;
constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kEntryBytes = 12;

/// A TIFF structure in the byte order that its first letter names.
class TiffBlock {
 public:
  explicit TiffBlock(std::span<const std::byte> bytes)
      : bytes_(bytes), big_endian_(bytes[0] == std::byte{'M'}) {}
  std::uint32_t u16(std::size_t offset) const {
    return big_endian_ ? be16_at(bytes_, offset) : le16_at(bytes_, offset);
  }
  std::uint32_t u32(std::size_t offset) const {
    return big_endian_ ? be32_at(bytes_, offset) : le32_at(bytes_, offset);
  }

 private:
  std::span<const std::byte> bytes_;
  bool big_endian_;
};

bool starts_with(std::span<const std::byte> bytes, const char* text, std::size_t size) {
  return bytes.size() >= size && std::memcmp(bytes.data(), text, size) == 0;
}

}  // namespace

int exif_orientation(std::span<const std::byte> exif) {
  if (starts_with(exif, "Exif\0\0", 6)) exif = exif.subspan(6);
  if (exif.size() < kHeaderBytes) return kUpright;
  if (!starts_with(exif, "II*\0", 4) && !starts_with(exif, "MM\0*", 4)) return kUpright;
  const TiffBlock block(exif);
  const std::size_t directory = block.u32(4);
  if (directory > exif.size() - 2) return kUpright;
  const std::size_t num_entries = block.u16(directory);
  for (std::size_t i = 0; i < num_entries; ++i) {
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    if (entry + kEntryBytes > exif.size()) return kUpright;
    if (block.u16(entry) != kOrientationTag) continue;
    const std::uint32_t type = block.u16(entry + 2);
    std::uint32_t value = 0;
    if (type == kTypeShort) value = block.u16(entry + 8);
    if (type == kTypeLong) value = block.u32(entry + 8);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : kUpright;
  }
  return kUpright;
}

}  // namespace vitrine::image
