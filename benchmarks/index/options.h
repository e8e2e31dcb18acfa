// SPDX-License-Identifier: MIT
#pragma once
/// The command line of the index benchmark.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vitrine::benchmarks {

struct BenchmarkOptions {
  std::vector<std::string> data{"clustered", "hard"};
  std::size_t num_rows = 100'000;
  std::size_t num_queries = 1000;
  std::size_t k = 60;
  std::size_t bits = 512;
  std::uint64_t seed = 1;
  std::string features;            ///< .fvecs file for the data "real"
  std::vector<std::string> peers;  ///< default: all that this build has
  std::vector<std::string> parts;  ///< what to measure; default: all
  std::size_t runbook_rows = 0;    ///< 0: num_rows
  double seconds = 2;
  unsigned threads = 2;
  std::string json;
  std::string svg;

  bool wants(const std::string& part) const;
};

/// Nothing if help was asked for and has been printed. Throws vitrine::Error (kInvalidArgument).
std::optional<BenchmarkOptions> parse_options(int argc, char** argv);

}  // namespace vitrine::benchmarks
