// SPDX-License-Identifier: MIT
#include "index/runbook_measurement.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>
#include <thread>

#include "index/reference_scan.h"
#include "index/stopwatch.h"

namespace vitrine::benchmarks {
namespace {

constexpr double kTargetRecall = 0.99;
constexpr std::size_t kNumQueries = 50;
constexpr std::size_t kRowsPerCall = 1000;
// For what the index does in the background before its memory is counted.
constexpr double kPatienceSeconds = 2;
constexpr std::size_t kNowhere = ~std::size_t{0};

// The index beside what it should hold.
class Run {
 public:
  Run(const Runbook& book, const DataSet& data)
      : data_(data),
        codes_(book.rows.size(), data.model.bits),
        index_({.code_bits = data.model.bits}),
        position_of_id_(book.rows.size(), kNowhere),
        live_(book.rows.size(), 0) {
    for (std::size_t i = 0; i < book.rows.size(); ++i) {
      std::memcpy(codes_.row(i), data.rows.code(book.rows[i]).data(), codes_.code_bytes());
    }
    result_.name = book.name;
  }

  void perform(const RunbookStep& step) {
    if (step.kind == RunbookStep::Kind::kSearch) return search();
    const Stopwatch watch;
    switch (step.kind) {
      case RunbookStep::Kind::kInsert:
        upsert(step.first, step.count, step.first);
        break;
      case RunbookStep::Kind::kReplace:
        upsert(step.first, step.count, step.source);
        break;
      default:
        for (std::size_t i = 0; i < step.count; ++i) index_.remove(step.first + i);
    }
    result_.change_cpu_seconds += watch.process_seconds();
    note(step);
  }

  RunbookResult finish() {
    const auto num_searches = static_cast<double>(result_.num_searches);
    result_.mean_recall /= num_searches;
    result_.search_cpu_seconds /= num_searches;
    result_.fresh_memory_bytes = fresh_memory_bytes();
    const WallWatch watch;
    do {
      result_.memory_bytes = static_cast<double>(index_.memory_bytes());
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    } while (result_.memory_bytes > result_.fresh_memory_bytes && watch.seconds() < kPatienceSeconds);
    return result_;
  }

 private:
  double fresh_memory_bytes() const {
    HammingIndex fresh({.code_bits = data_.model.bits});
    std::vector<RowId> ids;
    std::vector<std::byte> codes;
    for (std::size_t id = 0; id < position_of_id_.size(); ++id) {
      if (position_of_id_[id] == kNowhere) continue;
      ids.push_back(id);
      const auto code = codes_.code(position_of_id_[id]);
      codes.insert(codes.end(), code.begin(), code.end());
    }
    fresh.upsert_batch(ids, codes);
    return static_cast<double>(fresh.memory_bytes());
  }

  void upsert(std::size_t first_id, std::size_t count, std::size_t source) {
    std::vector<RowId> ids(count);
    std::iota(ids.begin(), ids.end(), RowId{first_id});
    for (std::size_t i = 0; i < count; i += kRowsPerCall) {
      const std::size_t num = std::min(kRowsPerCall, count - i);
      index_.upsert_batch(std::span(ids).subspan(i, num), codes_.codes(source + i, num));
    }
  }

  void note(const RunbookStep& step) {
    for (std::size_t i = 0; i < step.count; ++i) {
      std::size_t& position = position_of_id_[step.first + i];
      if (position != kNowhere) live_[position] = 0;
      position = step.kind == RunbookStep::Kind::kInsert    ? step.first + i
                 : step.kind == RunbookStep::Kind::kReplace ? step.source + i
                                                            : kNowhere;
      if (position != kNowhere) live_[position] = 1;
    }
  }

  void search() {
    const auto num_live = static_cast<std::size_t>(std::count(live_.begin(), live_.end(), 1));
    const auto code_of = [&](RowId id) {
      const bool valid = id < position_of_id_.size() && position_of_id_[id] != kNowhere;
      return valid ? codes_.code(position_of_id_[id]) : std::span<const std::byte>();
    };
    HammingSearchOptions options{.k = data_.k};
    options.target_recall = kTargetRecall;
    const std::size_t num_queries = std::min(kNumQueries, data_.queries.size());
    double recall = 0;
    double seconds = 0;
    for (std::size_t q = 0; q < num_queries; ++q) {
      const auto query = data_.queries.code(q);
      const Stopwatch watch;
      const auto found = index_.search(query, options);
      seconds += watch.cpu_seconds();
      const std::uint32_t kth = last_distance(reference_nearest(codes_, query, data_.k, live_));
      recall += recall_of(found, query, kth, std::min(data_.k, num_live), code_of);
    }
    recall /= static_cast<double>(num_queries);
    result_.mean_recall += recall;
    result_.lowest_recall = std::min(result_.lowest_recall, recall);
    result_.search_cpu_seconds += seconds / static_cast<double>(num_queries);
    ++result_.num_searches;
  }

  const DataSet& data_;
  CodeArray codes_;  // by position
  HammingIndex index_;
  std::vector<std::size_t> position_of_id_;
  std::vector<std::uint8_t> live_;  // by position
  RunbookResult result_;
};

}  // namespace

RunbookResult run_runbook(const Runbook& book, const DataSet& data) {
  Run run(book, data);
  for (const RunbookStep& step : book.steps) run.perform(step);
  return run.finish();
}

Table runbook_table(const DataSet& data, std::size_t num_rows, const std::vector<RunbookResult>& results) {
  Table table{.name = data.model.name + " runbooks",
              .title = data.model.name + ": streaming runbooks over " + std::to_string(num_rows) +
                       " rows, target recall 0.99",
              .columns = {"runbook", "search steps", "mean recall", "lowest", "CPU ms a query",
                          "changes, CPU s", "memory / fresh"}};
  for (const RunbookResult& result : results) {
    table.rows.push_back({result.name, Number{static_cast<double>(result.num_searches), 0},
                          Number{result.mean_recall, 4}, Number{result.lowest_recall, 4},
                          Number{1e3 * result.search_cpu_seconds, 4}, Number{result.change_cpu_seconds, 2},
                          Number{result.memory_bytes / result.fresh_memory_bytes, 3}});
  }
  return table;
}

}  // namespace vitrine::benchmarks
