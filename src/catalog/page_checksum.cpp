// SPDX-License-Identifier: MIT
#include "catalog/page_checksum.h"

#include <bit>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/checksum.h"
#include "base/little_endian.h"

namespace vitrine::catalog {
namespace {

// SQLite's: https://www.sqlite.org/fileformat.html, section 1.3.
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kReservedBytesOffset = 20;
constexpr std::size_t kMinPageBytes = 512;
constexpr std::size_t kMaxPageBytes = 65536;

// With its place, so that a page that was written elsewhere is noticed too.
std::uint64_t checksum_of(std::span<const std::byte> page, std::uint64_t offset_bytes) {
  return base::checksum_64(page.first(page.size() - kPageChecksumBytes)) + offset_bytes;
}

}  // namespace

bool is_database_start(std::span<const std::byte> bytes, std::uint64_t offset_bytes) {
  return offset_bytes == 0 && bytes.size() >= kHeaderBytes &&
         std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0;
}

bool announces_page_checksums(std::span<const std::byte> start) {
  return start[kReservedBytesOffset] == std::byte{kPageChecksumBytes};
}

bool lost_its_announcement(std::span<const std::byte> first_page) {
  std::vector<std::byte> repaired(first_page.begin(), first_page.end());
  repaired[kReservedBytesOffset] = std::byte{kPageChecksumBytes};
  return matches_checksum(repaired, 0);
}

bool is_page(std::size_t count_bytes, std::uint64_t offset_bytes) {
  return count_bytes >= kMinPageBytes && count_bytes <= kMaxPageBytes && std::has_single_bit(count_bytes) &&
         offset_bytes % count_bytes == 0;
}

bool matches_checksum(std::span<const std::byte> page, std::uint64_t offset_bytes) {
  return base::get<std::uint64_t>(page, page.size() - kPageChecksumBytes) == checksum_of(page, offset_bytes);
}

void fill_in_checksum(std::span<std::byte> page, std::uint64_t offset_bytes) {
  base::put(page, page.size() - kPageChecksumBytes, checksum_of(page, offset_bytes));
}

}  // namespace vitrine::catalog
