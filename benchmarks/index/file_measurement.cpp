// SPDX-License-Identifier: MIT
#include "index/file_measurement.h"

#include <unistd.h>

#include <filesystem>
#include <string>

#include "index/stopwatch.h"

namespace vitrine::benchmarks {
namespace {

constexpr int kOpenings = 7;
constexpr double kTargetRecall = 0.99;

// Mean over all queries, after a first pass that brings the rows into the cache.
double time_queries(const HammingIndex& index, const DataSet& data) {
  HammingSearchOptions options{.k = data.k};
  options.target_recall = kTargetRecall;
  double seconds = 0;
  for (int pass = 0; pass < 2; ++pass) {
    const Stopwatch watch;
    for (std::size_t q = 0; q < data.queries.size(); ++q) index.search(data.queries.code(q), options);
    seconds = watch.cpu_seconds() / static_cast<double>(data.queries.size());
  }
  return seconds;
}

double time_opening(const std::filesystem::path& path, const DataSet& data, bool check_rows) {
  std::vector<double> seconds;
  for (int i = 0; i < kOpenings; ++i) {
    HammingSearchOptions options{.k = data.k};
    options.target_recall = kTargetRecall;
    const WallWatch watch;
    const HammingIndex opened = HammingIndex::open(path, {.check_rows = check_rows});
    opened.search(data.queries.code(static_cast<std::size_t>(i) % data.queries.size()), options);
    seconds.push_back(watch.seconds());
  }
  return median(seconds);
}

}  // namespace

FileResult measure_files(const HammingIndex& index, const DataSet& data) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("vitrine-index-benchmark-" + std::to_string(::getpid()) + ".vhix");
  FileResult result;
  result.memory_cpu_seconds = time_queries(index, data);
  const WallWatch watch;
  index.save(path);
  result.save_seconds = watch.seconds();
  result.bytes_per_row =
      static_cast<double>(std::filesystem::file_size(path)) / static_cast<double>(index.size());
  result.open_seconds = time_opening(path, data, false);
  result.check_seconds = time_opening(path, data, true);
  {
    HammingIndex opened = HammingIndex::open(path);
    result.mapped_cpu_seconds = time_queries(opened, data);
    const WallWatch change;
    opened.upsert(0, data.queries.code(0));
    result.first_change_seconds = change.seconds();
  }
  std::filesystem::remove(path);
  return result;
}

Table file_table(const DataSet& data, const FileResult& result) {
  Table table{.name = data.model.name + " files",
              .title = data.model.name + ": the index as a file",
              .columns = {"what", "measured", "unit"}};
  const auto add = [&](const char* what, double value, int digits, const char* unit) {
    table.rows.push_back({std::string(what), Number{value, digits}, std::string(unit)});
  };
  add("save, durably", result.save_seconds, 2, "s");
  add("size", result.bytes_per_row, 1, "bytes/row");
  add("open to first answer", 1e3 * result.open_seconds, 1, "ms");
  add("the same, every byte checked", 1e3 * result.check_seconds, 1, "ms");
  add("first change after opening", 1e3 * result.first_change_seconds, 1, "ms");
  add("query, target recall 0.99, in memory", 1e3 * result.memory_cpu_seconds, 4, "ms CPU");
  add("query, target recall 0.99, in the mapped file", 1e3 * result.mapped_cpu_seconds, 4, "ms CPU");
  return table;
}

}  // namespace vitrine::benchmarks
