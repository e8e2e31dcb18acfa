// SPDX-License-Identifier: MIT
#include "rank/ranker_format.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "base/checksum.h"
#include "base/little_endian.h"
#include "vitrine/error.h"

namespace vitrine::rank {
namespace {

using base::get;
using base::get_real;
using base::put;
using base::put_real;

constexpr std::array<unsigned char, 8> kMagic = {0x89, 'V', 'R', 'N', 'K', '\r', '\n', 0x1a};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kNumColumnsAt = 12;
constexpr std::size_t kNumTreesAt = 16;
constexpr std::size_t kTargetAt = 20;
constexpr std::size_t kBiasAt = 24;
constexpr std::size_t kTopProbabilityAt = 32;
constexpr std::size_t kNumViewsAt = 40;
constexpr std::size_t kNumPositivesAt = 48;
constexpr std::size_t kChecksumAt = 56;  // of bytes 0 to 55 and all behind the header
constexpr std::size_t kHeaderBytes = 64;
constexpr std::uint32_t kMissingBelow = 1;

[[noreturn]] void corrupt(std::size_t offset, const std::string& message) {
  throw Error(ErrorCode::kCorrupt,
              "reading a quality ranker: at byte " + std::to_string(offset) + ": " + message);
}

std::uint64_t checksum(std::span<const std::byte> bytes) {
  base::RunningChecksum sum;
  sum.update(bytes.first(kChecksumAt));
  sum.update(bytes.subspan(kHeaderBytes));
  return sum.digest();
}

template <typename Integer>
void append(std::vector<std::byte>& bytes, Integer value) {
  bytes.resize(bytes.size() + sizeof value);
  put(std::span(bytes), bytes.size() - sizeof value, value);
}

void append_real(std::vector<std::byte>& bytes, double value) {
  append(bytes, std::bit_cast<std::uint64_t>(value));
}

// Takes what is behind the header apart, never trusting a number before it is known to fit.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <typename Integer>
  Integer integer() {
    return get<Integer>(bytes_, taken(sizeof(Integer)));
  }
  double real() { return std::bit_cast<double>(integer<std::uint64_t>()); }
  std::string text() {
    const auto length = integer<std::uint32_t>();
    const std::size_t at = taken(length);
    return {reinterpret_cast<const char*>(bytes_.data()) + at, length};
  }
  void demand_end() const {
    if (offset_ != bytes_.size()) corrupt(offset_, "expected the end");
  }

 private:
  std::size_t taken(std::size_t count) {
    if (bytes_.size() - offset_ < count) corrupt(offset_, "expected more, found the end");
    offset_ += count;
    return offset_ - count;
  }

  std::span<const std::byte> bytes_;
  std::size_t offset_ = kHeaderBytes;
};

ColumnScale read_scale(Reader& reader) {
  ColumnScale scale{reader.text(), {}};
  for (auto count = reader.integer<std::uint32_t>(); count > 0; --count)
    scale.quantiles.push_back(reader.real());
  return scale;
}

RankerTree read_tree(Reader& reader) {
  RankerTree tree;
  for (auto count = reader.integer<std::uint32_t>(); count > 0; --count) {
    RankerNode node;
    node.feature = static_cast<std::int32_t>(reader.integer<std::uint32_t>());
    node.threshold = std::bit_cast<float>(reader.integer<std::uint32_t>());
    node.below = reader.integer<std::uint32_t>();
    node.at_least = reader.integer<std::uint32_t>();
    node.missing_below = (reader.integer<std::uint32_t>() & kMissingBelow) != 0;
    node.value = reader.real();
    tree.push_back(node);
  }
  return tree;
}

void check_header(std::span<const std::byte> bytes) {
  if (bytes.size() < kVersionAt + 4 || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0)
    corrupt(0, "this is none");
  if (const auto version = get<std::uint32_t>(bytes, kVersionAt); version > kVersion) {
    throw Error(ErrorCode::kUnsupported, "reading a quality ranker: version " + std::to_string(version) +
                                             " is newer than " + std::to_string(kVersion) +
                                             ", the newest that this program knows");
  }
  if (bytes.size() < kHeaderBytes)
    corrupt(bytes.size(), "expected a header of " + std::to_string(kHeaderBytes) + " bytes");
  if (get<std::uint64_t>(bytes, kChecksumAt) != checksum(bytes))
    corrupt(kChecksumAt, "the checksum does not match");
}

}  // namespace

std::vector<std::byte> write_ranker(const QualityRanker::Parts& parts) {
  std::vector<std::byte> bytes(kHeaderBytes);
  for (const ColumnScale& scale : parts.scales) {
    append(bytes, static_cast<std::uint32_t>(scale.name.size()));
    const auto name = std::as_bytes(std::span(scale.name));
    bytes.insert(bytes.end(), name.begin(), name.end());
    append(bytes, static_cast<std::uint32_t>(scale.quantiles.size()));
    for (const double quantile : scale.quantiles) append_real(bytes, quantile);
  }
  for (const RankerTree& tree : parts.trees) {
    append(bytes, static_cast<std::uint32_t>(tree.size()));
    for (const RankerNode& node : tree) {
      append(bytes, static_cast<std::uint32_t>(node.feature));
      append(bytes, std::bit_cast<std::uint32_t>(node.threshold));
      append(bytes, node.below);
      append(bytes, node.at_least);
      append(bytes, node.missing_below ? kMissingBelow : 0);
      append_real(bytes, node.value);
    }
  }
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  put(std::span(bytes), kVersionAt, kVersion);
  put(std::span(bytes), kNumColumnsAt, static_cast<std::uint32_t>(parts.scales.size()));
  put(std::span(bytes), kNumTreesAt, static_cast<std::uint32_t>(parts.trees.size()));
  put(std::span(bytes), kTargetAt, static_cast<std::uint32_t>(parts.target));
  put_real(bytes, kBiasAt, parts.bias);
  put_real(bytes, kTopProbabilityAt, parts.top_probability);
  put(std::span(bytes), kNumViewsAt, parts.num_views);
  put(std::span(bytes), kNumPositivesAt, parts.num_positives);
  put(std::span(bytes), kChecksumAt, checksum(bytes));
  return bytes;
}

QualityRanker read_ranker(std::span<const std::byte> bytes) {
  check_header(bytes);
  QualityRanker::Parts parts;
  parts.target = static_cast<RankerTarget>(get<std::uint32_t>(bytes, kTargetAt));
  parts.bias = get_real(bytes, kBiasAt);
  parts.top_probability = get_real(bytes, kTopProbabilityAt);
  parts.num_views = get<std::uint64_t>(bytes, kNumViewsAt);
  parts.num_positives = get<std::uint64_t>(bytes, kNumPositivesAt);
  Reader reader(bytes);
  for (auto count = get<std::uint32_t>(bytes, kNumColumnsAt); count > 0; --count)
    parts.scales.push_back(read_scale(reader));
  for (auto count = get<std::uint32_t>(bytes, kNumTreesAt); count > 0; --count)
    parts.trees.push_back(read_tree(reader));
  reader.demand_end();
  try {
    return QualityRanker(std::move(parts));
  } catch (const Error& error) {
    corrupt(kHeaderBytes, error.what());
  }
}

}  // namespace vitrine::rank
