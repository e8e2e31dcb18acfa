// SPDX-License-Identifier: MIT
#include "index/update_measurement.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <stop_token>
#include <thread>

#include "index/code_generator.h"
#include "index/stopwatch.h"

namespace vitrine::benchmarks {
namespace {

constexpr std::size_t kMaxRows = 20'000;
constexpr std::size_t kUpsertsPerMillisecond = 20;

std::size_t num_changed(const DataSet& data) {
  return std::max<std::size_t>(1, std::min(kMaxRows, data.rows.size() / 10));
}

template <typename Change>
std::vector<double> time_each(std::size_t count, const Change& change) {
  std::vector<double> seconds;
  seconds.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const WallWatch watch;
    change(i);
    seconds.push_back(watch.seconds());
  }
  return seconds;
}

double time_adds(HammingIndex& index, const CodeArray& rows, RowId first_id) {
  constexpr std::size_t kRowsPerCall = 1000;
  std::vector<RowId> ids(rows.size());
  std::iota(ids.begin(), ids.end(), first_id);
  const Stopwatch watch;
  for (std::size_t i = 0; i < rows.size(); i += kRowsPerCall) {
    const std::size_t count = std::min(kRowsPerCall, rows.size() - i);
    index.upsert_batch(std::span(ids).subspan(i, count), rows.codes(i, count));
  }
  return static_cast<double>(rows.size()) / watch.process_seconds();
}

// Latencies of searches until the time is over.
std::vector<double> time_searches(const HammingIndex& index, const DataSet& data, double target_recall,
                                  double seconds) {
  HammingSearchOptions options{.k = data.k};
  options.target_recall = target_recall;
  std::vector<double> latencies;
  const WallWatch total;
  for (std::size_t q = 0; total.seconds() < seconds; q = (q + 1) % data.queries.size()) {
    const WallWatch watch;
    index.search(data.queries.code(q), options);
    latencies.push_back(watch.seconds());
  }
  return latencies;
}

// Replaces rows in turn by `codes`, in small bursts, until told to stop; returns the rate.
double keep_replacing(HammingIndex& index, const CodeArray& codes, const std::stop_token& stop) {
  const WallWatch watch;
  auto next = std::chrono::steady_clock::now();
  std::size_t num_done = 0;
  while (!stop.stop_requested()) {
    for (std::size_t i = 0; i < kUpsertsPerMillisecond; ++i, ++num_done) {
      const std::size_t row = num_done % codes.size();
      index.upsert(row, codes.code(row));
    }
    std::this_thread::sleep_until(next += std::chrono::milliseconds(1));
  }
  return static_cast<double>(num_done) / watch.seconds();
}

}  // namespace

UpdateResult measure_updates(HammingIndex& index, const DataSet& data) {
  const std::size_t count = num_changed(data);
  const RowId first_new = data.rows.size();
  const CodeArray fresh = generate_rows(data.model, first_new, count);
  UpdateResult result;
  result.adds_per_second = time_adds(index, fresh, first_new);
  const auto removals = time_each(count, [&](std::size_t i) { index.remove(first_new + i); });
  const auto additions = time_each(count, [&](std::size_t i) { index.upsert(first_new + i, fresh.code(i)); });
  for (std::size_t i = 0; i < count; ++i) index.remove(first_new + i);
  // Rows from all over the index, then their own codes again.
  const std::size_t stride = data.rows.size() / count;
  const auto replacements = time_each(count, [&](std::size_t i) { index.upsert(i * stride, fresh.code(i)); });
  for (std::size_t i = 0; i < count; ++i) index.upsert(i * stride, data.rows.code(i * stride));
  result.remove_seconds = median(removals);
  result.remove_p99_seconds = percentile(removals, 0.99);
  result.upsert_new_seconds = median(additions);
  result.upsert_new_p99_seconds = percentile(additions, 0.99);
  result.upsert_old_seconds = median(replacements);
  result.upsert_old_p99_seconds = percentile(replacements, 0.99);
  return result;
}

Table update_table(const DataSet& data, const UpdateResult& result) {
  Table table{.name = data.model.name + " updates",
              .title = data.model.name + ": changing one row of vitrine's index",
              .columns = {"change", "median us", "p99 us", "rows/s"}};
  const auto add = [&](const char* name, double middle, double p99) {
    table.rows.push_back({name, Number{1e6 * middle, 2}, Number{1e6 * p99, 2}, Cell()});
  };
  add("upsert, new", result.upsert_new_seconds, result.upsert_new_p99_seconds);
  add("upsert, replacing", result.upsert_old_seconds, result.upsert_old_p99_seconds);
  add("remove", result.remove_seconds, result.remove_p99_seconds);
  table.rows.push_back({"upsert_batch of 1,000", Cell(), Cell(), Number{result.adds_per_second, 0}});
  return table;
}

std::vector<ConcurrentResult> measure_concurrent(HammingIndex& index, const DataSet& data, double seconds) {
  const std::size_t count = num_changed(data);
  const CodeArray fresh = generate_rows(data.model, data.rows.size(), count);
  std::vector<ConcurrentResult> results;
  for (const double target_recall : {0.99, 1.0}) {
    ConcurrentResult result{.target_recall = target_recall};
    const auto idle = time_searches(index, data, target_recall, seconds);
    std::vector<double> busy;
    {
      std::jthread writer([&](const std::stop_token& stop) {
        result.upserts_per_second = keep_replacing(index, fresh, stop);
      });  // stopped and joined at the end of the block
      busy = time_searches(index, data, target_recall, seconds);
    }
    for (std::size_t i = 0; i < count; ++i) index.upsert(i, data.rows.code(i));
    result.idle_p50_seconds = median(idle);
    result.idle_p99_seconds = percentile(idle, 0.99);
    result.busy_p50_seconds = median(busy);
    result.busy_p99_seconds = percentile(busy, 0.99);
    results.push_back(result);
  }
  return results;
}

Table concurrent_table(const DataSet& data, const std::vector<ConcurrentResult>& results) {
  Table table{.name = data.model.name + " concurrent",
              .title = data.model.name + ": searching while another thread replaces 20,000 rows a second",
              .columns = {"target recall", "idle p50 ms", "idle p99 ms", "busy p50 ms", "busy p99 ms",
                          "busy / idle p99", "upserts/s"}};
  for (const ConcurrentResult& result : results) {
    table.rows.push_back({Number{result.target_recall, 2}, Number{1e3 * result.idle_p50_seconds, 4},
                          Number{1e3 * result.idle_p99_seconds, 4}, Number{1e3 * result.busy_p50_seconds, 4},
                          Number{1e3 * result.busy_p99_seconds, 4},
                          Number{result.busy_p99_seconds / result.idle_p99_seconds, 2},
                          Number{result.upserts_per_second, 0}});
  }
  return table;
}

}  // namespace vitrine::benchmarks
