// SPDX-License-Identifier: MIT
// The bytes of a candidate count, and their place in the catalogue.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include "base/checksum.h"
#include "base/little_endian.h"
#include "vitrine/catalog_candidates.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using base::get;
using base::get_real;
using base::put;
using base::put_real;

constexpr const char* kBlobName = "candidate-count";

constexpr std::array<unsigned char, 8> kMagic = {0x89, 'V', 'C', 'N', 'D', '\r', '\n', 0x1a};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kNumNeighborsAt = 12;
constexpr std::size_t kTargetShareAt = 16;
constexpr std::size_t kShareAt = 24;
constexpr std::size_t kCountAt = 32;
constexpr std::size_t kNumQueriesAt = 40;
constexpr std::size_t kNumItemsAt = 48;
constexpr std::size_t kChecksumAt = 56;
constexpr std::size_t kNumBytes = 64;

Error corrupt(std::size_t offset, const std::string& message) {
  return {ErrorCode::kCorrupt,
          "reading a candidate count: at byte " + std::to_string(offset) + ": " + message};
}

double share_at(std::span<const std::byte> bytes, std::size_t offset) {
  const double share = get_real(bytes, offset);
  if (!(share >= 0 && share <= 1))
    throw corrupt(offset, "expected a share, 0 to 1, found " + std::to_string(share));
  return share;
}

}  // namespace

std::vector<std::byte> CandidateCount::to_bytes() const {
  std::vector<std::byte> bytes(kNumBytes);
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  const std::span<std::byte> to(bytes);
  put(to, kVersionAt, kVersion);
  put(to, kNumNeighborsAt, num_neighbors);
  put_real(to, kTargetShareAt, target_share);
  put_real(to, kShareAt, share);
  put(to, kCountAt, count);
  put(to, kNumQueriesAt, num_queries);
  put(to, kNumItemsAt, num_items);
  put(to, kChecksumAt, base::checksum_64(to.first(kChecksumAt)));
  return bytes;
}

CandidateCount CandidateCount::from_bytes(std::span<const std::byte> bytes) {
  if (bytes.size() < kVersionAt + 4 || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0)
    throw corrupt(0, "this is none");
  if (const auto version = get<std::uint32_t>(bytes, kVersionAt); version > kVersion) {
    throw Error(ErrorCode::kUnsupported, "reading a candidate count: version " + std::to_string(version) +
                                             " is newer than " + std::to_string(kVersion) +
                                             ", the newest that this program knows");
  }
  if (bytes.size() != kNumBytes)
    throw corrupt(0,
                  "expected " + std::to_string(kNumBytes) + " bytes, found " + std::to_string(bytes.size()));
  if (get<std::uint64_t>(bytes, kChecksumAt) != base::checksum_64(bytes.first(kChecksumAt)))
    throw corrupt(kChecksumAt, "the checksum does not match");
  CandidateCount result;
  result.num_neighbors = get<std::uint32_t>(bytes, kNumNeighborsAt);
  result.target_share = share_at(bytes, kTargetShareAt);
  result.share = share_at(bytes, kShareAt);
  result.count = get<std::uint64_t>(bytes, kCountAt);
  if (result.count == 0) throw corrupt(kCountAt, "expected at least 1 candidate, found 0");
  result.num_queries = get<std::uint64_t>(bytes, kNumQueriesAt);
  result.num_items = get<std::uint64_t>(bytes, kNumItemsAt);
  return result;
}

void store_candidate_count(Catalog& catalog, const CandidateCount& count) {
  catalog.set_blob(kBlobName, count.to_bytes());
}

std::optional<CandidateCount> stored_candidate_count(const Catalog& catalog) {
  const auto bytes = catalog.blob(kBlobName);
  if (!bytes) return std::nullopt;
  return CandidateCount::from_bytes(*bytes);
}

}  // namespace vitrine
