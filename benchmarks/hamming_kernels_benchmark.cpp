// SPDX-License-Identifier: MIT
// Distances of one million random codes of 512 bits to one query and to batches: each kernel alone, the whole
// index, and, to compare with, a plain loop over codes that lie one after another. Rates are codes compared a
// second.
#include <benchmark/benchmark.h>

#include <bit>
#include <random>
#include <string>
#include <vector>

#include "hamming/kernel.h"
#include "vitrine/hamming_index.h"

namespace {

using vitrine::hamming::Kernel;
using vitrine::hamming::kRowsPerBlock;

constexpr std::size_t kNumRows = 1'000'000;
constexpr std::size_t kWords = 8;
constexpr std::size_t kNumQueries = 64;
constexpr std::size_t kNeighbors = 60;
// As in the index: the codes of a tile stay in the second-level cache.
constexpr std::size_t kTileBlocks = 256;

struct alignas(64) CacheLine {
  std::uint64_t words[kWords];
};

const std::vector<CacheLine>& random_lines() {
  static const std::vector<CacheLine> lines = [] {
    std::mt19937_64 random(1);
    std::vector<CacheLine> made(kNumRows);
    for (CacheLine& line : made) {
      for (std::uint64_t& word : line.words) word = random();
    }
    return made;
  }();
  return lines;
}

const std::vector<std::uint64_t>& random_queries() {
  static const std::vector<std::uint64_t> queries = [] {
    std::mt19937_64 random(2);
    std::vector<std::uint64_t> made(kNumQueries * kWords);
    for (std::uint64_t& word : made) word = random();
    return made;
  }();
  return queries;
}

void set_rate(benchmark::State& state, std::size_t num_queries) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kNumRows * num_queries));
  state.counters["queries/s"] =
      benchmark::Counter(static_cast<double>(num_queries), benchmark::Counter::kIsIterationInvariantRate);
}

// A cache line is one code.
void row_major(benchmark::State& state, std::size_t num_queries) {
  const auto& lines = random_lines();
  const auto& queries = random_queries();
  std::vector<std::uint16_t> distances(kNumRows);
  for (auto _ : state) {
    for (std::size_t q = 0; q < num_queries; ++q) {
      for (std::size_t row = 0; row < kNumRows; ++row) {
        int distance = 0;
        for (std::size_t word = 0; word < kWords; ++word) {
          distance += std::popcount(lines[row].words[word] ^ queries[q * kWords + word]);
        }
        distances[row] = static_cast<std::uint16_t>(distance);
      }
      benchmark::DoNotOptimize(distances.data());
      benchmark::ClobberMemory();
    }
  }
  set_rate(state, num_queries);
}

// Eight cache lines are a block of eight codes.
void kernel_find(benchmark::State& state, const Kernel& kernel, std::size_t num_queries) {
  const auto* blocks = reinterpret_cast<const std::uint64_t*>(random_lines().data());
  const auto& queries = random_queries();
  constexpr std::size_t kNumBlocks = kNumRows / kRowsPerBlock;
  const std::vector<std::uint16_t> limits(num_queries, 0);
  std::vector<vitrine::hamming::BlockHit> hits(num_queries * kTileBlocks);
  std::vector<std::uint32_t> num_hits(num_queries);
  for (auto _ : state) {
    for (std::size_t block = 0; block < kNumBlocks; block += kTileBlocks) {
      const std::size_t num_blocks = std::min(kTileBlocks, kNumBlocks - block);
      kernel.find({blocks + block * kWords * kRowsPerBlock, nullptr, kWords, 0, num_blocks, nullptr,
                   queries.data(), kWords, num_queries, limits.data(), hits.data(), num_hits.data()});
      benchmark::ClobberMemory();
    }
  }
  set_rate(state, num_queries);
}

void index_search(benchmark::State& state, std::string_view kernel, std::size_t num_queries) {
  vitrine::HammingIndex index({.code_bits = kWords * 64, .kernel = std::string(kernel)});
  const auto& lines = random_lines();
  std::vector<vitrine::RowId> ids(kNumRows);
  for (std::size_t i = 0; i < kNumRows; ++i) ids[i] = i;
  index.upsert_batch(ids, std::as_bytes(std::span(lines)));
  const auto queries = std::as_bytes(std::span(random_queries())).first(num_queries * kWords * 8);
  for (auto _ : state) {
    benchmark::DoNotOptimize(index.search_batch(queries, {.k = kNeighbors}));
  }
  set_rate(state, num_queries);
}

void index_upsert(benchmark::State& state) {
  const auto& lines = random_lines();
  for (auto _ : state) {
    vitrine::HammingIndex index;
    for (std::size_t i = 0; i < kNumRows; ++i) {
      index.upsert(i, std::as_bytes(std::span(lines[i].words)), static_cast<vitrine::PartitionId>(i % 100));
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kNumRows));
}

}  // namespace

int main(int argc, char** argv) {
  const auto add = [](const std::string& name, auto&&... arguments) {
    benchmark::RegisterBenchmark(name.c_str(), arguments...)->Unit(benchmark::kMillisecond);
  };
  for (const std::size_t num_queries : {std::size_t{1}, kNumQueries}) {
    const std::string suffix = "/queries:" + std::to_string(num_queries);
    add("row_major" + suffix, row_major, num_queries);
    for (const Kernel* kernel : vitrine::hamming::available_kernels()) {
      add("kernel/" + std::string(kernel->name) + suffix, kernel_find, *kernel, num_queries);
    }
    for (const std::string_view name : vitrine::HammingIndex::available_kernels()) {
      add("index/" + std::string(name) + suffix, index_search, name, num_queries);
    }
  }
  add("upsert", index_upsert);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
