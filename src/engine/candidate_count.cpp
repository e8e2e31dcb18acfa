// SPDX-License-Identifier: MIT
// The bytes of a candidate count, and their place in the catalogue.
#include <string>

#include "base/fixed_format.h"
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

constexpr base::FixedFormat kFormat{"a candidate count", {0x89, 'V', 'C', 'N', 'D', '\r', '\n', 0x1a}, 1, 64};
constexpr std::size_t kNumNeighborsAt = 12;
constexpr std::size_t kTargetShareAt = 16;
constexpr std::size_t kShareAt = 24;
constexpr std::size_t kCountAt = 32;
constexpr std::size_t kNumQueriesAt = 40;
constexpr std::size_t kNumItemsAt = 48;

double share_at(std::span<const std::byte> bytes, std::size_t offset) {
  const double share = get_real(bytes, offset);
  if (!(share >= 0 && share <= 1))
    throw base::corrupt(kFormat, offset, "expected a share, 0 to 1, found " + std::to_string(share));
  return share;
}

}  // namespace

std::vector<std::byte> CandidateCount::to_bytes() const {
  std::vector<std::byte> bytes = base::begin_bytes(kFormat);
  const std::span<std::byte> to(bytes);
  put(to, kNumNeighborsAt, num_neighbors);
  put_real(to, kTargetShareAt, target_share);
  put_real(to, kShareAt, share);
  put(to, kCountAt, count);
  put(to, kNumQueriesAt, num_queries);
  put(to, kNumItemsAt, num_items);
  base::end_bytes(to);
  return bytes;
}

CandidateCount CandidateCount::from_bytes(std::span<const std::byte> bytes) {
  base::check_bytes(kFormat, bytes);
  CandidateCount result;
  result.num_neighbors = get<std::uint32_t>(bytes, kNumNeighborsAt);
  result.target_share = share_at(bytes, kTargetShareAt);
  result.share = share_at(bytes, kShareAt);
  result.count = get<std::uint64_t>(bytes, kCountAt);
  if (result.count == 0) throw base::corrupt(kFormat, kCountAt, "expected at least 1 candidate, found 0");
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
