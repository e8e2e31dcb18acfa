// SPDX-License-Identifier: MIT
#include "index/options.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <iostream>
#include <sstream>

#include "index/contender.h"
#include "vitrine/error.h"

namespace vitrine::benchmarks {
namespace {

namespace po = boost::program_options;

const std::vector<std::string> kData = {"clustered", "hard", "real"};
const std::vector<std::string> kParts = {"search", "updates",     "concurrent", "filters", "partitions",
                                         "drift",  "replacement", "runbooks",   "files"};

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::kInvalidArgument, message);
}

// "a,b" as a list of names out of `known`.
std::vector<std::string> names(const std::string& text, const std::vector<std::string>& known,
                               const std::string& option) {
  std::vector<std::string> result;
  if (text == "all") return known;
  if (text == "none") return result;
  std::istringstream stream(text);
  for (std::string name; std::getline(stream, name, ',');) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string list;
      for (const std::string& each : known) list += " " + each;
      refuse("--" + option + ": '" + name + "' is none of:" + (list.empty() ? " (nothing)" : list));
    }
    result.push_back(name);
  }
  return result;
}

void check(const BenchmarkOptions& options) {
  if (options.bits == 0 || options.bits > 4096 || options.bits % 64 != 0) {
    refuse("--bits: expected a multiple of 64 up to 4096");
  }
  if (options.num_rows < 1000 || options.num_queries == 0 || options.k == 0 || options.threads == 0) {
    refuse("expected at least 1000 rows, 1 query, 1 neighbour and 1 thread");
  }
  if (options.runbook_rows > options.num_rows) refuse("--runbook-rows: more than --rows");
  const bool real = std::find(options.data.begin(), options.data.end(), "real") != options.data.end();
  if (real && options.features.empty()) refuse("--data real: name a file with --features");
}

}  // namespace

bool BenchmarkOptions::wants(const std::string& part) const {
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

std::optional<BenchmarkOptions> parse_options(int argc, char** argv) {
  BenchmarkOptions options;
  std::string data;
  std::string peers;
  std::string parts;
  po::options_description description("vitrine-index-benchmark [options]");
  auto add = description.add_options();
  add("data", po::value(&data)->default_value("clustered,hard"), "kinds of codes: clustered, hard, real");
  add("features", po::value(&options.features), "float features (.fvecs) for the kind real");
  add("rows", po::value(&options.num_rows)->default_value(options.num_rows), "number of rows");
  add("queries", po::value(&options.num_queries)->default_value(options.num_queries), "number of queries");
  add("k", po::value(&options.k)->default_value(options.k), "neighbours a query");
  add("bits", po::value(&options.bits)->default_value(options.bits), "length of synthetic codes");
  add("seed", po::value(&options.seed)->default_value(options.seed), "seed of the codes");
  add("peers", po::value(&peers)->default_value("all"), "flat, ivf, hnsw, multihash, all, none");
  add("parts", po::value(&parts)->default_value("all"),
      "search, updates, concurrent, filters, partitions, drift, replacement, runbooks, files");
  add("runbook-rows", po::value(&options.runbook_rows), "rows of the runbooks; default: as --rows");
  add("seconds", po::value(&options.seconds)->default_value(options.seconds),
      "longest time for one way of searching at one setting");
  add("threads", po::value(&options.threads)->default_value(options.threads), "threads that search together");
  add("json", po::value(&options.json), "write all figures to this file");
  add("svg", po::value(&options.svg), "write a plot of recall against speed to this file");
  add("help", "print this");
  po::variables_map given;
  try {
    po::store(po::parse_command_line(argc, argv, description), given);
    po::notify(given);
  } catch (const po::error& error) {
    refuse(error.what());
  }
  if (given.contains("help")) {
    std::cout << description;
    return std::nullopt;
  }
  const auto available = available_peers();
  options.data = names(data, kData, "data");
  options.peers = names(peers, {available.begin(), available.end()}, "peers");
  options.parts = names(parts, kParts, "parts");
  if (options.runbook_rows == 0) options.runbook_rows = options.num_rows;
  check(options);
  return options;
}

}  // namespace vitrine::benchmarks
