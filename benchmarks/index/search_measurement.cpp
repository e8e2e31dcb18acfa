// SPDX-License-Identifier: MIT
#include "index/search_measurement.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <thread>

#include "index/stopwatch.h"

namespace vitrine::benchmarks {
namespace {

constexpr std::size_t kBatch = 64;
// However slow a contender is.
constexpr std::size_t kMinQueries = 20;
constexpr int kNumRemovals = 7;

double resident_bytes() {
  malloc_trim(0);  // what an earlier contender gave back must not hide what this one takes
  std::ifstream file("/proc/self/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void measure_single(const Contender& contender, const DataSet& data, double max_seconds,
                    OperatingPoint& point) {
  const auto code_of = [&](RowId id) {
    return id < data.rows.size() ? data.rows.code(id) : std::span<const std::byte>();
  };
  std::vector<double> cpu;
  std::vector<double> wall;
  double recall = 0;
  double spent = 0;
  for (std::size_t q = 0; q < data.queries.size() && (q < kMinQueries || spent < max_seconds); ++q) {
    const Stopwatch watch;
    const auto found = contender.search(data.queries.code(q), data.k);
    wall.push_back(watch.wall_seconds());
    cpu.push_back(watch.cpu_seconds());
    spent += wall.back();
    recall += recall_of(found.front(), data.queries.code(q), data.kth_distance[q],
                        std::min(data.k, data.rows.size()), code_of);
  }
  point.num_queries = cpu.size();
  point.recall = recall / static_cast<double>(cpu.size());
  point.cpu_seconds = mean(cpu);
  point.single_rate = 1 / mean(wall);
  point.p50_seconds = percentile(wall, 0.5);
  point.p99_seconds = percentile(wall, 0.99);
}

void measure_batches(const Contender& contender, const DataSet& data, double max_seconds,
                     OperatingPoint& point) {
  double cpu = 0;
  double wall = 0;
  std::size_t num_done = 0;
  for (std::size_t q = 0; q < data.queries.size() && (q == 0 || wall < max_seconds); q += kBatch) {
    const std::size_t count = std::min(kBatch, data.queries.size() - q);
    if (count < kBatch && q > 0) break;  // a short batch is slower a query
    const Stopwatch watch;
    contender.search(data.queries.codes(q, count), data.k);
    cpu += watch.cpu_seconds();
    wall += watch.wall_seconds();
    num_done += count;
  }
  point.batch_cpu_seconds = cpu / static_cast<double>(num_done);
  point.batch_rate = static_cast<double>(num_done) / wall;
}

void measure_threads(const Contender& contender, const DataSet& data, const SearchLimits& limits,
                     OperatingPoint& point) {
  std::vector<double> rates(limits.threads);
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < limits.threads; ++t) {
      threads.emplace_back([&, t] {
        const WallWatch watch;
        std::size_t num_done = 0;
        while (num_done < data.queries.size() && watch.seconds() < limits.max_seconds) {
          // Each thread starts elsewhere, so that none finds the rows of another in the cache.
          const std::size_t q = (num_done + t * data.queries.size() / limits.threads) % data.queries.size();
          contender.search(data.queries.code(q), data.k);
          ++num_done;
        }
        rates[t] = static_cast<double>(num_done) / watch.seconds();
      });
    }
  }
  for (const double rate : rates) point.threads_rate += rate;
}

std::string setting_text(const Contender& contender, double setting) {
  if (contender.setting_name().empty()) return "";
  char text[32];
  std::snprintf(text, sizeof text, " %g", setting);
  return contender.setting_name() + text;
}

}  // namespace

BuildResult measure_build(Contender& contender, const DataSet& data) {
  BuildResult result{.contender = contender.name()};
  const auto num_rows = static_cast<double>(data.rows.size());
  const double before = resident_bytes();
  const Stopwatch watch;
  contender.build(data.rows);
  result.cpu_seconds = watch.process_seconds();
  result.wall_seconds = watch.wall_seconds();
  result.resident_bytes_per_row = (resident_bytes() - before) / num_rows;
  if (const auto bytes = contender.memory_bytes()) {
    result.reported_bytes_per_row = static_cast<double>(*bytes) / num_rows;
  }
  return result;
}

void measure_removal(Contender& contender, const DataSet& data, BuildResult& result) {
  std::vector<double> seconds;
  for (int i = 0; i < kNumRemovals; ++i) {
    const RowId id = data.rows.size() / (kNumRemovals + 1) * static_cast<std::size_t>(i + 1);
    const WallWatch watch;
    if (!contender.remove(id)) return;
    seconds.push_back(watch.seconds());
  }
  result.remove_seconds = median(seconds);
}

std::vector<OperatingPoint> measure_searches(Contender& contender, const DataSet& data,
                                             const SearchLimits& limits) {
  std::vector<OperatingPoint> points;
  for (const double setting : contender.settings()) {
    contender.apply(setting);
    for (std::size_t q = 0; q < std::min<std::size_t>(5, data.queries.size()); ++q) {
      contender.search(data.queries.code(data.queries.size() - 1 - q), data.k);  // warms up
    }
    OperatingPoint point{.contender = contender.name(), .setting = setting_text(contender, setting)};
    measure_single(contender, data, limits.max_seconds, point);
    measure_batches(contender, data, limits.max_seconds, point);
    measure_threads(contender, data, limits, point);
    points.push_back(std::move(point));
  }
  return points;
}

Table build_table(const std::string& data_name, const std::vector<BuildResult>& results) {
  Table table{
      .name = data_name + " build",
      .title = data_name + ": building",
      .columns = {"index", "CPU s", "wall s", "resident bytes/row", "own bytes/row", "remove one, us"}};
  for (const BuildResult& result : results) {
    const auto optional = [](const std::optional<double>& value, double scale) {
      return value ? Cell(Number{*value * scale, 1}) : Cell();
    };
    table.rows.push_back({result.contender, Number{result.cpu_seconds, 2}, Number{result.wall_seconds, 2},
                          Number{result.resident_bytes_per_row, 1},
                          optional(result.reported_bytes_per_row, 1), optional(result.remove_seconds, 1e6)});
  }
  return table;
}

Table search_table(const DataSet& data, const std::vector<OperatingPoint>& points) {
  Table table{.name = data.model.name + " search",
              .title = data.model.name + ": searching (CPU time a query; ref = the plain scan)",
              .columns = {"index", "setting", "recall", "CPU ms", "ref / it", "p50 ms", "p99 ms", "queries/s",
                          "batch 64 queries/s", "ref / it, batch", "threads queries/s", "queries"}};
  for (const OperatingPoint& point : points) {
    table.rows.push_back(
        {point.contender, point.setting, Number{point.recall, 4}, Number{1e3 * point.cpu_seconds, 4},
         Number{data.reference_seconds / point.cpu_seconds, 2}, Number{1e3 * point.p50_seconds, 4},
         Number{1e3 * point.p99_seconds, 4}, Number{point.single_rate, 0}, Number{point.batch_rate, 0},
         Number{data.reference_seconds / point.batch_cpu_seconds, 2}, Number{point.threads_rate, 0},
         Number{static_cast<double>(point.num_queries), 0}});
  }
  return table;
}

}  // namespace vitrine::benchmarks
