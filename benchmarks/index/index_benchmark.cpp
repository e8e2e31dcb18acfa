// SPDX-License-Identifier: MIT
// Vitrine's index against FAISS's indexes of binary codes and a plain scan, in one process on the same codes:
// recall and speed of searching, building, changing, restricting, and what lasting change does to recall.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <string>

#include "index/bars.h"
#include "index/contender.h"
#include "index/feature_file.h"
#include "index/options.h"
#include "index/pareto_plot.h"
#include "index/vitrine_contender.h"
#include "vitrine/error.h"

namespace vitrine::benchmarks {
namespace {

class Benchmark {
 public:
  explicit Benchmark(const BenchmarkOptions& options) : options_(options) {}

  void run() {
    print_context();
    for (const std::string& name : options_.data) run_on(name);
    if (!options_.json.empty()) write_json(options_.json, context_, tables_);
    if (!options_.svg.empty()) write_pareto_plot(options_.svg, panels_);
  }

 private:
  void print_context() {
    context_ = {{"processor", processor()},
                {"compiler", __VERSION__},
                {"kernel", std::string(HammingIndex().kernel())},
                {"rows", std::to_string(options_.num_rows)},
                {"k", std::to_string(options_.k)},
                {"seed", std::to_string(options_.seed)},
                {"peers", peers_description()}};
    for (const auto& [key, value] : context_) std::cout << key << ": " << value << '\n';
    std::cout.flush();
  }

  static std::string processor() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    }
    return "unknown";
  }

  CodeModel model(const std::string& name) const {
    if (name == "clustered") return clustered_model(options_.bits, options_.seed);
    if (name == "hard") return hard_model(options_.bits, options_.seed);
    const FeatureTable features = read_features(options_.features);
    return real_model(features.values, features.dim, options_.seed);
  }

  void show(Table table) {
    if (table.rows.empty()) return;
    print(table, std::cout);
    tables_.push_back(std::move(table));
  }

  void run_on(const std::string& name) {
    const DataSet data = make_data_set(model(name), options_.num_rows, options_.num_queries, options_.k);
    show({.name = name + " reference",
          .title = name + ": the plain scan and the memory",
          .columns = {"rows", "bits", "k", "ref, CPU ms", "ref GB/s", "read GB/s", "median k-th distance"},
          .rows = {reference_row(data)}});
    Findings findings;
    std::vector<BuildResult> builds;
    std::vector<OperatingPoint> points;
    run_vitrine(data, findings, builds, points);
    run_peers(data, builds, points);
    if (options_.wants("search")) {
      show(build_table(name, builds));
      show(search_table(data, points));
      panels_.push_back({name + ", " + std::to_string(options_.num_rows) + " codes of " +
                             std::to_string(data.model.bits) + " bits, k = " + std::to_string(data.k),
                         points});
    }
    run_scenarios(data, findings);
    show(bar_table(data, findings));
  }

  static std::vector<Cell> reference_row(const DataSet& data) {
    std::vector<std::uint32_t> kth = data.kth_distance;
    std::sort(kth.begin(), kth.end());
    const auto count = [](std::size_t value) { return Number{static_cast<double>(value), 0}; };
    const double bytes = static_cast<double>(data.rows.all().size());
    return {count(data.rows.size()),
            count(data.model.bits),
            count(data.k),
            Number{1e3 * data.reference_seconds, 4},
            Number{1e-9 * bytes / data.reference_seconds, 1},
            Number{1e-9 * data.bandwidth, 1},
            count(kth[kth.size() / 2])};
  }

  // What shares the one index of all rows.
  void run_vitrine(const DataSet& data, Findings& findings, std::vector<BuildResult>& builds,
                   std::vector<OperatingPoint>& points) {
    VitrineContender vitrine(data.model.bits);
    findings.build = measure_build(vitrine, data);
    if (options_.wants("search")) {
      CoarseContender coarse(vitrine.index());
      findings.points = measure_searches(coarse, data, limits());
      const auto swept = measure_searches(vitrine, data, limits());
      findings.points.insert(findings.points.end(), swept.begin(), swept.end());
      points = findings.points;
    }
    if (options_.wants("files")) {
      findings.files = measure_files(vitrine.index(), data);
      show(file_table(data, *findings.files));
    }
    if (options_.wants("filters")) findings.filters = measure_filters(vitrine.index(), data);
    if (options_.wants("updates")) {
      findings.updates = measure_updates(vitrine.index(), data);
      show(update_table(data, *findings.updates));
    }
    if (options_.wants("concurrent")) {
      findings.concurrent = measure_concurrent(vitrine.index(), data, 2 * options_.seconds);
      show(concurrent_table(data, findings.concurrent));
    }
    measure_removal(vitrine, data, *findings.build);
    builds.push_back(*findings.build);
  }

  void run_peers(const DataSet& data, std::vector<BuildResult>& builds, std::vector<OperatingPoint>& points) {
    if (!options_.wants("search")) return;
    for (const std::string& name : options_.peers) {
      const auto peer = make_peer(name, data.model.bits, data.rows.size());
      BuildResult build = measure_build(*peer, data);
      const auto measured = measure_searches(*peer, data, limits());
      points.insert(points.end(), measured.begin(), measured.end());
      measure_removal(*peer, data, build);
      builds.push_back(build);
    }
  }

  void run_scenarios(const DataSet& data, Findings& findings) {
    if (options_.wants("partitions")) {
      const auto partitions = measure_partitions(data);
      findings.filters.insert(findings.filters.end(), partitions.begin(), partitions.end());
    }
    show(filter_table(data, findings.filters));
    if (options_.wants("drift")) {
      findings.drift = measure_drift(data);
      show(drift_table(data, findings.drift));
    }
    if (options_.wants("replacement")) {
      findings.replacement = measure_replacement(data);
      show(replacement_table(data, findings.replacement));
    }
    if (options_.wants("runbooks")) {
      for (const Runbook& book : make_runbooks(data.model, options_.runbook_rows)) {
        findings.runbooks.push_back(run_runbook(book, data));
      }
      show(runbook_table(data, options_.runbook_rows, findings.runbooks));
    }
  }

  SearchLimits limits() const { return {.max_seconds = options_.seconds, .threads = options_.threads}; }

  const BenchmarkOptions& options_;
  std::vector<std::pair<std::string, std::string>> context_;
  std::vector<Table> tables_;
  std::vector<PlotPanel> panels_;
};

}  // namespace
}  // namespace vitrine::benchmarks

int main(int argc, char** argv) {
  using namespace vitrine::benchmarks;
  try {
    const auto options = parse_options(argc, argv);
    if (options) Benchmark(*options).run();
  } catch (const vitrine::Error& error) {
    std::cerr << "vitrine-index-benchmark: " << error.what() << '\n';
    return error.code() == vitrine::ErrorCode::kInvalidArgument ? 2 : 3;
  }
  return 0;
}
