// SPDX-License-Identifier: MIT
#include "index/filter_measurement.h"

#include <algorithm>
#include <numeric>

#include "index/random.h"
#include "index/reference_scan.h"
#include "index/stopwatch.h"

namespace vitrine::benchmarks {
namespace {

constexpr std::size_t kNumQueries = 50;
constexpr std::size_t kNumPartitions = 10;
constexpr std::uint64_t kSeed = 77;

// `[n]`: 1 for `count` of the rows, at random.
std::vector<std::uint8_t> random_bitmap(std::size_t num_rows, std::size_t count) {
  std::vector<std::uint8_t> bitmap(num_rows, count == num_rows ? 1 : 0);
  if (count == num_rows) return bitmap;
  Random random(kSeed, 1);
  while (count > 0) {
    std::uint8_t& bit = bitmap[random.below(num_rows)];
    count -= bit == 0 ? 1 : 0;
    bit = 1;
  }
  return bitmap;
}

FilterResult measure(const HammingIndex& index, const DataSet& data,
                     const std::vector<std::uint8_t>& qualifies, const HammingSearchOptions& options) {
  const auto num_qualifying = static_cast<std::size_t>(std::count(qualifies.begin(), qualifies.end(), 1));
  const std::size_t expected = std::min(data.k, num_qualifying);
  const auto code_of = [&](RowId id) {
    const bool valid = id < data.rows.size() && qualifies[id] != 0;
    return valid ? data.rows.code(id) : std::span<const std::byte>();
  };
  const std::size_t num_queries = std::min(kNumQueries, data.queries.size());
  FilterResult result{.restricted_by = options.allowed_ids ? "bitmap"
                                       : options.filter    ? "filter"
                                                           : "partition",
                      .target_recall = options.target_recall};
  result.selectivity = static_cast<double>(num_qualifying) / static_cast<double>(data.rows.size());
  double seconds = 0;
  for (std::size_t q = 0; q < num_queries; ++q) {
    const auto query = data.queries.code(q);
    const std::uint32_t kth = last_distance(reference_nearest(data.rows, query, data.k, qualifies));
    const Stopwatch watch;
    const auto found = index.search(query, options);
    seconds += watch.cpu_seconds();
    result.complete += found.size() == expected ? 1 : 0;
    result.recall += recall_of(found, query, kth, expected, code_of);
  }
  result.recall /= static_cast<double>(num_queries);
  result.complete /= static_cast<double>(num_queries);
  result.cpu_seconds = seconds / static_cast<double>(num_queries);
  return result;
}

}  // namespace

std::vector<FilterResult> measure_filters(const HammingIndex& index, const DataSet& data) {
  std::vector<FilterResult> results;
  for (const double selectivity : {1.0, 0.1, 0.01, 0.001, 0.0001, 0.00001}) {
    const auto count = static_cast<std::size_t>(selectivity * static_cast<double>(data.rows.size()) + 0.5);
    if (count == 0) continue;
    const std::vector<std::uint8_t> bitmap = random_bitmap(data.rows.size(), count);
    std::vector<std::uint64_t> allowed(bitmap.size() / 64 + 1);
    for (std::size_t i = 0; i < bitmap.size(); ++i) allowed[i / 64] |= std::uint64_t{bitmap[i]} << (i % 64);
    for (const double target_recall : {1.0, 0.99}) {
      HammingSearchOptions options{.k = data.k};
      options.target_recall = target_recall;
      options.filter = [&](RowId id) { return bitmap[id] != 0; };
      results.push_back(measure(index, data, bitmap, options));
      options.filter = nullptr;
      options.allowed_ids = allowed;
      results.push_back(measure(index, data, bitmap, options));
    }
  }
  return results;
}

std::vector<FilterResult> measure_partitions(const DataSet& data) {
  Random random(kSeed, 2);
  std::vector<RowId> ids(data.rows.size());
  std::iota(ids.begin(), ids.end(), RowId{0});
  std::vector<PartitionId> partitions(data.rows.size());
  std::vector<std::uint8_t> qualifies(data.rows.size());
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    partitions[i] = static_cast<PartitionId>(random.below(kNumPartitions));
    qualifies[i] = partitions[i] == 0 ? 1 : 0;
  }
  HammingIndex index({.code_bits = data.model.bits});
  index.upsert_batch(ids, data.rows.all(), partitions);
  const PartitionId wanted = 0;
  std::vector<FilterResult> results;
  for (const double target_recall : {1.0, 0.99}) {
    HammingSearchOptions options{.k = data.k};
    options.target_recall = target_recall;
    options.partitions = {&wanted, 1};
    results.push_back(measure(index, data, qualifies, options));
  }
  return results;
}

Table filter_table(const DataSet& data, const std::vector<FilterResult>& results) {
  Table table{
      .name = data.model.name + " filters",
      .title = data.model.name + ": searching a part of the rows with vitrine's index",
      .columns = {"restricted by", "rows, %", "target recall", "recall", "complete", "CPU ms", "it / ref"}};
  for (const FilterResult& result : results) {
    table.rows.push_back({result.restricted_by, Number{100 * result.selectivity, 4},
                          Number{result.target_recall, 2}, Number{result.recall, 4},
                          Number{result.complete, 3}, Number{1e3 * result.cpu_seconds, 4},
                          Number{result.cpu_seconds / data.reference_seconds, 3}});
  }
  return table;
}

}  // namespace vitrine::benchmarks
