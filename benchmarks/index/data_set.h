// SPDX-License-Identifier: MIT
#pragma once
/// Codes, queries, and the exact answers that recall is counted against.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "index/code_array.h"
#include "index/code_model.h"
#include "vitrine/hamming_index.h"

namespace vitrine::benchmarks {

/// Queries are drawn near rows among the first million.
inline constexpr std::size_t kMaxQuerySource = 1'000'000;

struct DataSet {
  CodeModel model;
  CodeArray rows{};
  CodeArray queries{};
  std::size_t k = 0;
  std::vector<std::uint32_t> kth_distance{};  ///< `[queries]`
  double reference_seconds = 0;  ///< thread time of one query by the reference scan: the median of all
  double bandwidth = 0;          ///< bytes a second at which one thread reads the rows
};

/// Generates the codes and answers the queries with the reference scan, timing it.
DataSet make_data_set(CodeModel model, std::size_t num_rows, std::size_t num_queries, std::size_t k);

/// The distance of the last of `nearest`; 0 if there is none.
std::uint32_t last_distance(const std::vector<Neighbor>& nearest);

/// Tie-aware recall: of `num_expected` neighbours, the share found no farther than `kth_distance`. Distances
/// are computed again from `code_of(id)`, and an id found twice counts once, so a false answer gains nothing.
double recall_of(std::span<const Neighbor> found, std::span<const std::byte> query,
                 std::uint32_t kth_distance, std::size_t num_expected,
                 const std::function<std::span<const std::byte>(RowId)>& code_of);

}  // namespace vitrine::benchmarks
