// SPDX-License-Identifier: MIT
#pragma once
/// Which stop rule (stop_rule.h) a target recall needs: measured with rows of the index as queries against
/// its own exact scan. The sample says how many neighbours a list may be expected to hold (list_gain.h);
/// lists are visited while that is at least some gain, and the gain for a target recall is found by trying.
///
/// One writer calibrates; readers may ask meanwhile.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "hamming/kernel.h"
#include "index/row_lists.h"
#include "index/stop_rule.h"

namespace vitrine::index {

class Calibration {
 public:
  /// Target recalls and numbers of neighbours that rules are kept for.
  static constexpr std::array<double, 8> kTargets = {0.90, 0.925, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995};
  static constexpr std::array<std::size_t, 5> kNeighbors = {1, 10, 60, 240, 1200};
  static constexpr std::size_t kUsual = 2;  ///< of these: what achieved_recall() is about

  /// Measures with about `num_queries` rows. Cost: an exact search for each, and some through lists.
  void measure(const RowLists& rows, const hamming::Kernel& kernel, std::size_t num_queries,
               std::uint64_t seed);
  bool is_measured() const { return num_rows() != 0; }
  /// Rows that the index had then.
  std::size_t num_rows() const { return num_rows_.load(std::memory_order_acquire); }

  /// For a file (docs/format.md).
  std::vector<std::byte> to_bytes() const;
  /// Takes over what `to_bytes` gave for codes of so many bits; false, and nothing changes, for bytes of
  /// another kind or size.
  bool from_bytes(std::span<const std::byte> bytes, std::size_t code_bits);

  /// The rule for a target recall and the nearest `min_k` to `max_k` rows, of which a search may see only
  /// some; nothing if only comparing all rows reaches the target.
  std::optional<StopRule> rule(double target_recall, std::size_t min_k, std::size_t max_k) const;
  /// The share of true neighbours that searches for the rows of the sample found by the rule of a target, for
  /// 60 neighbours.
  double achieved_recall(std::size_t target_index) const {
    return rules_[kUsual][target_index].achieved_recall.load(std::memory_order_relaxed);
  }

 private:
  struct Rule {
    std::array<std::atomic<std::int16_t>, StopRule::kNumRanges> margins{};
    std::atomic<bool> reaches_target = false;
    std::atomic<double> achieved_recall = 0;
  };
  void store(Rule& rule, const StopRule& found, double achieved_recall, double target) noexcept;

  std::array<std::array<Rule, kTargets.size()>, kNeighbors.size()> rules_{};
  std::atomic<std::size_t> code_bits_ = 64;
  std::atomic<std::size_t> num_rows_ = 0;
};

}  // namespace vitrine::index
