// SPDX-License-Identifier: MIT
// The part of Calibration that knows its bytes in a file.
#include <algorithm>

#include "base/little_endian.h"
#include "index/calibration.h"

namespace vitrine::index {
namespace {

using base::get;
using base::put;

// Behind these, for each number of neighbours and each target recall, a rule.
constexpr std::size_t kCodeBitsAt = 0;
constexpr std::size_t kNumTargetsAt = 4;
constexpr std::size_t kNumNeighborsAt = 8;
constexpr std::size_t kNumRangesAt = 12;
constexpr std::size_t kNumRowsAt = 16;
constexpr std::size_t kTargetsAt = 24;
constexpr std::size_t kNeighborsAt = kTargetsAt + 8 * Calibration::kTargets.size();
constexpr std::size_t kRulesAt = kNeighborsAt + 8 * Calibration::kNeighbors.size();
// A rule: the achieved recall, whether it reaches its target (1 or 0), two bytes for each margin.
constexpr std::size_t kReachesAt = 8;
constexpr std::size_t kMarginsAt = 16;
constexpr std::size_t kRuleBytes = kMarginsAt + 2 * StopRule::kNumRanges;
constexpr std::size_t kNumBytes =
    kRulesAt + kRuleBytes * Calibration::kTargets.size() * Calibration::kNeighbors.size();

std::size_t rule_offset(std::size_t neighbors, std::size_t target) {
  return kRulesAt + kRuleBytes * (neighbors * Calibration::kTargets.size() + target);
}

// What must be equal in a file for its rules to mean what ours do.
void put_shape(std::span<std::byte> bytes, std::size_t code_bits) {
  put(bytes, kCodeBitsAt, static_cast<std::uint32_t>(code_bits));
  put(bytes, kNumTargetsAt, static_cast<std::uint32_t>(Calibration::kTargets.size()));
  put(bytes, kNumNeighborsAt, static_cast<std::uint32_t>(Calibration::kNeighbors.size()));
  put(bytes, kNumRangesAt, static_cast<std::uint32_t>(StopRule::kNumRanges));
  for (std::size_t i = 0; i < Calibration::kTargets.size(); ++i) {
    base::put_real(bytes, kTargetsAt + 8 * i, Calibration::kTargets[i]);
  }
  for (std::size_t i = 0; i < Calibration::kNeighbors.size(); ++i) {
    put(bytes, kNeighborsAt + 8 * i, static_cast<std::uint64_t>(Calibration::kNeighbors[i]));
  }
}

}  // namespace

std::vector<std::byte> Calibration::to_bytes() const {
  std::vector<std::byte> bytes(kNumBytes);
  put_shape(bytes, code_bits_.load(std::memory_order_relaxed));
  put(bytes, kNumRowsAt, static_cast<std::uint64_t>(num_rows()));
  for (std::size_t k = 0; k < kNeighbors.size(); ++k) {
    for (std::size_t target = 0; target < kTargets.size(); ++target) {
      const Rule& rule = rules_[k][target];
      const auto place = std::span(bytes).subspan(rule_offset(k, target), kRuleBytes);
      base::put_real(place, 0, rule.achieved_recall.load(std::memory_order_relaxed));
      put(place, kReachesAt, std::uint64_t{rule.reaches_target.load(std::memory_order_relaxed) ? 1u : 0u});
      for (std::size_t range = 0; range < StopRule::kNumRanges; ++range) {
        put(place, kMarginsAt + 2 * range, rule.margins[range].load(std::memory_order_relaxed));
      }
    }
  }
  return bytes;
}

bool Calibration::from_bytes(std::span<const std::byte> bytes, std::size_t code_bits) {
  if (bytes.size() != kNumBytes) return false;
  std::vector<std::byte> shape(bytes.begin(), bytes.begin() + kRulesAt);
  put_shape(shape, code_bits);
  if (!std::equal(shape.begin(), shape.end(), bytes.begin())) return false;
  for (std::size_t k = 0; k < kNeighbors.size(); ++k) {
    for (std::size_t target = 0; target < kTargets.size(); ++target) {
      const auto place = bytes.subspan(rule_offset(k, target), kRuleBytes);
      Rule& rule = rules_[k][target];
      rule.achieved_recall.store(base::get_real(place, 0), std::memory_order_relaxed);
      rule.reaches_target.store(get<std::uint64_t>(place, kReachesAt) == 1, std::memory_order_relaxed);
      for (std::size_t range = 0; range < StopRule::kNumRanges; ++range) {
        rule.margins[range].store(get<std::int16_t>(place, kMarginsAt + 2 * range),
                                  std::memory_order_relaxed);
      }
    }
  }
  code_bits_.store(code_bits, std::memory_order_relaxed);
  num_rows_.store(get<std::uint64_t>(bytes, kNumRowsAt), std::memory_order_release);
  return true;
}

}  // namespace vitrine::index
