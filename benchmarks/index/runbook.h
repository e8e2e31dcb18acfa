// SPDX-License-Identifier: MIT
#pragma once
/// Sequences of changes and searches after the streaming track of the big-ann-benchmarks (NeurIPS 2023 and
/// later), regenerated for any number of rows.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "index/code_model.h"

namespace vitrine::benchmarks {

/// Positions are places in `Runbook::rows`; an id is the position with which it was inserted.
struct RunbookStep {
  enum class Kind { kInsert, kRemove, kReplace, kSearch };
  Kind kind = Kind::kSearch;
  std::size_t first = 0;  ///< ids `first` to `first + count`
  std::size_t count = 0;
  std::size_t source = 0;  ///< of a replacement: id `first + i` gets the code at position `source + i`
};

struct Runbook {
  std::string name;
  std::vector<std::size_t> rows{};  ///< the row of the data set at each position
  std::vector<RunbookStep> steps{};
};

/// simple: insert all, then remove the first half, searching after every twentieth.
/// clustered: rows in order of their cluster; four rounds, each inserting a quarter of every group of
/// clusters and
///   then removing half of it, the groups in random order.
/// delete: insert all, then remove all but a fifth, cluster after cluster.
/// sliding window: half of the rows; then the oldest leave as new ones come.
/// replace: half of the rows; then their codes are replaced, a twentieth at a time, by the other half's.
std::vector<Runbook> make_runbooks(const CodeModel& model, std::size_t num_rows);

}  // namespace vitrine::benchmarks
