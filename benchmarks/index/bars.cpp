// SPDX-License-Identifier: MIT
#include "index/bars.h"

#include <algorithm>
#include <cstdio>

namespace vitrine::benchmarks {
namespace {

constexpr std::size_t kMillion = 1'000'000;

std::string text(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

class Bars {
 public:
  Bars(const DataSet& data, const Findings& findings) : data_(data), findings_(findings) {}

  Table table() {
    table_ = {.name = data_.model.name + " bars",
              .title = data_.model.name + ": aims for " + std::to_string(data_.rows.size()) + " rows",
              .columns = {"what", "aim", "measured", "verdict"}};
    if (data_.model.bits != 512 || data_.k != 60) return table_;
    exact_search();
    for (const Aim& aim : kSearchAims) fastest_at(aim);
    building();
    opening();
    changing();
    recall_targets();
    restricted();
    streaming();
    return table_;
  }

 private:
  // At recall `recall` or better, the mean CPU time is at most ref / `ratio`.
  struct Aim {
    const char* what;
    const char* data;
    std::size_t num_rows;
    double recall;
    double ratio;
  };
  static constexpr Aim kSearchAims[] = {{"coarse filter", "clustered", 10 * kMillion, 0.9999, 3.3},
                                        {"coarse filter", "hard", 10 * kMillion, 0.9995, 1.4},
                                        {"lists", "clustered", kMillion, 0.99, 60},
                                        {"lists", "clustered", kMillion, 0.995, 45},
                                        {"lists", "clustered", 10 * kMillion, 0.99, 350},
                                        {"lists", "hard", kMillion, 0.95, 7},
                                        {"lists", "hard", kMillion, 0.988, 4.5},
                                        {"lists", "hard", 10 * kMillion, 0.987, 9}};

  bool has_rows(std::size_t num_rows) const { return data_.rows.size() == num_rows; }

  void add(const std::string& what, const std::string& aim, const std::string& measured, bool met) {
    table_.rows.push_back({what, aim, measured, std::string(met ? "met" : "missed")});
  }

  void exact_search() {
    if (findings_.points.empty()) return;
    const OperatingPoint& exact = findings_.points.back();
    if (has_rows(kMillion) || has_rows(10 * kMillion)) {
      const double ratio = data_.reference_seconds / exact.batch_cpu_seconds;
      add("exact, batch of 64", ">= 4.0 x ref", text("%.2f x ref", ratio), ratio >= 4);
    }
    if (has_rows(10 * kMillion)) {
      const double rate = static_cast<double>(data_.rows.all().size()) / exact.cpu_seconds;
      const double share = 100 * rate / data_.bandwidth;
      add("guaranteed exact, one query", ">= 95 % of read bandwidth", text("%.0f %%", share), share >= 95);
    }
  }

  void fastest_at(const Aim& aim) {
    if (data_.model.name != aim.data || !has_rows(aim.num_rows) || findings_.points.empty()) return;
    double best = 0;
    for (const OperatingPoint& point : findings_.points) {
      if (point.recall >= aim.recall) best = std::max(best, data_.reference_seconds / point.cpu_seconds);
    }
    add(text((std::string(aim.what) + ", recall >= %g").c_str(), aim.recall), text("<= ref / %g", aim.ratio),
        best > 0 ? text("ref / %.2f", best) : "never reached", best >= aim.ratio);
  }

  void building() {
    if (findings_.build && has_rows(kMillion)) {
      const double seconds = findings_.build->cpu_seconds;
      add("building", "<= 10 s CPU", text("%.2f s", seconds), seconds <= 10);
    }
    if (findings_.build && findings_.build->reported_bytes_per_row && has_rows(10 * kMillion)) {
      const double bytes = *findings_.build->reported_bytes_per_row;
      add("memory", "<= 88 bytes/row", text("%.1f", bytes), bytes <= 88);
    }
  }

  void opening() {
    if (!findings_.files || !has_rows(10 * kMillion)) return;
    const double milliseconds = 1e3 * findings_.files->open_seconds;
    add("open to first answer", "<= 50 ms", text("%.0f ms", milliseconds), milliseconds <= 50);
  }

  void changing() {
    if (const auto& updates = findings_.updates) {
      add("adding to a built index", ">= 300,000 codes/s", text("%.0f", updates->adds_per_second),
          updates->adds_per_second >= 300'000);
      if (has_rows(10 * kMillion)) {
        const double upsert = 1e6 * std::max(updates->upsert_new_seconds, updates->upsert_old_seconds);
        const double remove = 1e6 * updates->remove_seconds;
        add("upsert one", "<= 6 us median", text("%.2f us", upsert), upsert <= 6);
        add("remove one", "<= 1 us median", text("%.2f us", remove), remove <= 1);
      }
    }
    for (const ConcurrentResult& result : findings_.concurrent) {
      const double ratio = result.busy_p99_seconds / result.idle_p99_seconds;
      add(text("p99 under 20,000 upserts/s, target %g", result.target_recall), "<= 1.5 x idle",
          text("%.2f x idle", ratio), ratio <= 1.5);
    }
  }

  void recall_targets() {
    for (const TargetResult& result : findings_.replacement) {
      add(text("target %g, 30 %% replaced", result.target_recall),
          text(">= %.3f", result.target_recall - 0.005), text("%.4f", result.recall),
          result.recall >= result.target_recall - 0.005);
    }
    if (!findings_.drift.fresh.empty()) {
      const double loss = 100 * findings_.drift.largest_loss;
      add("drift: recall lost at fixed cost", "<= 3 points", text("%.2f points", loss), loss <= 3);
    }
  }

  void restricted() {
    for (const FilterResult& result : findings_.filters) {
      if (result.complete < 1) {
        add(text("k hits under a filter of %g %%", 100 * result.selectivity), "always",
            text("%.1f %% of searches", 100 * result.complete), false);
      }
      const bool tenth = result.selectivity > 0.09 && result.selectivity < 0.11;
      if (!has_rows(kMillion) || !tenth || result.target_recall < 1) continue;
      const double ratio = result.cpu_seconds / data_.reference_seconds;
      if (result.restricted_by == "filter") continue;
      const bool in_partition = result.restricted_by == "partition";
      const double limit = in_partition ? 0.12 : 1.1;
      add(in_partition ? "exact in a 10 % partition" : "exact under a 10 % bitmap filter",
          text("<= %.2f ref", limit), text("%.2f ref", ratio), ratio <= limit);
    }
  }

  void streaming() {
    for (const RunbookResult& result : findings_.runbooks) {
      add("runbook " + result.name + ": mean recall", ">= 0.99", text("%.4f", result.mean_recall),
          result.mean_recall >= 0.99);
      const double ratio = result.memory_bytes / result.fresh_memory_bytes;
      add("runbook " + result.name + ": memory", "<= 1.1 x fresh", text("%.2f x fresh", ratio), ratio <= 1.1);
    }
  }

  const DataSet& data_;
  const Findings& findings_;
  Table table_;
};

}  // namespace

Table bar_table(const DataSet& data, const Findings& findings) {
  return Bars(data, findings).table();
}

}  // namespace vitrine::benchmarks
