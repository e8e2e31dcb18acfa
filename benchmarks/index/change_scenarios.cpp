// SPDX-License-Identifier: MIT
#include "index/change_scenarios.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "index/code_generator.h"
#include "index/reference_scan.h"
#include "index/stopwatch.h"
#include "index/vitrine_contender.h"

namespace vitrine::benchmarks {
namespace {

constexpr std::size_t kMinAnchors = 20;
constexpr std::size_t kRowsPerBatch = 10'000;
constexpr std::size_t kNumQueries = 300;
// Numbers of queries that nothing else uses.
constexpr std::size_t kUnseenQueries = std::size_t{1} << 24;

TargetResult measure_target(const HammingIndex& index, const CodeArray& rows, const CodeArray& queries,
                            std::size_t k, const std::vector<std::uint32_t>& kth_distance,
                            double target_recall) {
  const auto code_of = [&](RowId id) {
    return id < rows.size() ? rows.code(id) : std::span<const std::byte>();
  };
  HammingSearchOptions options{.k = k};
  options.target_recall = target_recall;
  TargetResult result{.target_recall = target_recall};
  for (std::size_t q = 0; q < queries.size(); ++q) {
    const Stopwatch watch;
    const auto found = index.search(queries.code(q), options);
    result.cpu_seconds += watch.cpu_seconds();
    result.recall += recall_of(found, queries.code(q), kth_distance[q], std::min(k, rows.size()), code_of);
  }
  result.cpu_seconds /= static_cast<double>(queries.size());
  result.recall /= static_cast<double>(queries.size());
  return result;
}

// All rows for which `wanted(row)` holds, in batches.
void insert_where(HammingIndex& index, const DataSet& data, const std::function<bool(std::size_t)>& wanted) {
  std::vector<RowId> ids;
  std::vector<std::byte> codes;
  const auto flush = [&] {
    index.upsert_batch(ids, codes);
    ids.clear();
    codes.clear();
  };
  for (std::size_t row = 0; row < data.rows.size(); ++row) {
    if (!wanted(row)) continue;
    ids.push_back(row);
    const auto code = data.rows.code(row);
    codes.insert(codes.end(), code.begin(), code.end());
    if (ids.size() == kRowsPerBatch) flush();
  }
  flush();
}

// Recall at that cost on the curve of `results`, whose settings need not be in order of cost.
double recall_at(std::vector<TargetResult> results, double cpu_seconds) {
  std::sort(results.begin(), results.end(),
            [](const auto& a, const auto& b) { return a.cpu_seconds < b.cpu_seconds; });
  // What costs more and finds less is no one's choice.
  for (std::size_t i = 1; i < results.size(); ++i) {
    results[i].recall = std::max(results[i].recall, results[i - 1].recall);
  }
  if (cpu_seconds <= results.front().cpu_seconds) return results.front().recall;
  for (std::size_t i = 1; i < results.size(); ++i) {
    const TargetResult& below = results[i - 1];
    const TargetResult& above = results[i];
    if (cpu_seconds > above.cpu_seconds) continue;
    const double share =
        std::log(cpu_seconds / below.cpu_seconds) / std::log(above.cpu_seconds / below.cpu_seconds);
    return below.recall + share * (above.recall - below.recall);
  }
  return results.back().recall;
}

}  // namespace

DriftResult measure_drift(const DataSet& data) {
  DriftResult result;
  const std::size_t num_first = data.model.num_anchors() / 10;
  if (data.model.num_anchors() < kMinAnchors) return result;
  const auto comes_first = [&](std::size_t row) { return anchor_of_row(data.model, row) < num_first; };
  HammingIndex drifted({.code_bits = data.model.bits});
  insert_where(drifted, data, comes_first);
  const Stopwatch watch;
  insert_where(drifted, data, [&](std::size_t row) { return !comes_first(row); });
  result.insert_seconds = watch.process_seconds();
  HammingIndex fresh({.code_bits = data.model.bits});
  add_rows(fresh, data.rows);

  for (const double target : {0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999}) {
    const auto at_target = [&](const HammingIndex& index) {
      return measure_target(index, data.rows, data.queries, data.k, data.kth_distance, target);
    };
    result.drifted.push_back(at_target(drifted));
    result.fresh.push_back(at_target(fresh));
  }
  for (const TargetResult& point : result.fresh) {
    result.largest_loss =
        std::max(result.largest_loss, point.recall - recall_at(result.drifted, point.cpu_seconds));
  }
  return result;
}

Table drift_table(const DataSet& data, const DriftResult& result) {
  Table table{.name = data.model.name + " drift",
              .title = data.model.name + ": a tenth of the clusters first, the others later",
              .columns = {"target recall", "recall", "recall, fresh", "CPU ms", "CPU ms, fresh"}};
  for (std::size_t i = 0; i < result.drifted.size(); ++i) {
    table.rows.push_back({Number{result.drifted[i].target_recall, 3}, Number{result.drifted[i].recall, 4},
                          Number{result.fresh[i].recall, 4}, Number{1e3 * result.drifted[i].cpu_seconds, 4},
                          Number{1e3 * result.fresh[i].cpu_seconds, 4}});
  }
  return table;
}

std::vector<TargetResult> measure_replacement(const DataSet& data) {
  const std::size_t num_rows = data.rows.size();
  const std::size_t num_replaced = num_rows * 3 / 10;
  HammingIndex index({.code_bits = data.model.bits});
  add_rows(index, data.rows);
  const CodeArray fresh = generate_rows(data.model, num_rows, num_replaced);
  CodeArray now(num_rows, data.model.bits);
  std::memcpy(now.row(0), data.rows.all().data(), data.rows.all().size());
  // Every third row and then some: all lists are touched.
  std::vector<std::size_t> source(num_rows);
  for (std::size_t row = 0; row < num_rows; ++row) source[row] = row;
  for (std::size_t i = 0; i < num_replaced; ++i) {
    const std::size_t row = i * 10 / 3;
    index.upsert(row, fresh.code(i));
    std::memcpy(now.row(row), fresh.code(i).data(), fresh.code_bytes());
    source[row] = num_rows + i;
  }
  std::vector<std::size_t> near;
  for (std::size_t q = 0; q < kNumQueries; ++q) near.push_back(source[q * 7919 % num_rows]);
  const CodeArray queries = generate_queries_near(data.model, near, kUnseenQueries);
  std::vector<std::uint32_t> kth_distance;
  for (std::size_t q = 0; q < queries.size(); ++q) {
    kth_distance.push_back(last_distance(reference_nearest(now, queries.code(q), data.k)));
  }
  std::vector<TargetResult> results;
  for (const double target : {0.9, 0.95, 0.99}) {
    results.push_back(measure_target(index, now, queries, data.k, kth_distance, target));
  }
  return results;
}

Table replacement_table(const DataSet& data, const std::vector<TargetResult>& results) {
  Table table{.name = data.model.name + " replacement",
              .title = data.model.name + ": unseen queries after 30 % of the rows were replaced",
              .columns = {"target recall", "recall", "CPU ms", "it / ref"}};
  for (const TargetResult& result : results) {
    table.rows.push_back({Number{result.target_recall, 2}, Number{result.recall, 4},
                          Number{1e3 * result.cpu_seconds, 4},
                          Number{result.cpu_seconds / data.reference_seconds, 3}});
  }
  return table;
}

}  // namespace vitrine::benchmarks
