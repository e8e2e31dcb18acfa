// SPDX-License-Identifier: MIT
#include "hamming/kernel.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "vitrine/error.h"

namespace vitrine::hamming {
namespace {

constexpr std::size_t kMaxWords = 64;

struct alignas(64) CacheLine {
  std::uint64_t words[kRowsPerBlock];
};

// Inputs of one scan and room for its results. Guards around the results show writes out of bounds.
struct Scan {
  static constexpr std::uint16_t kGuard = 0xa5a5;

  Scan(std::size_t num_blocks_, std::size_t words_, std::size_t num_queries_)
      : num_blocks(num_blocks_),
        words(words_),
        num_queries(num_queries_),
        blocks(num_blocks * words),
        queries(num_queries * words),
        limits(num_queries) {}

  void run(ScanFunction scan) {
    distances.assign(num_queries * num_blocks * kRowsPerBlock + 1, kGuard);
    within.assign(num_queries * num_blocks + 1, 0xa5);
    scan({reinterpret_cast<const std::uint64_t*>(blocks.data()), num_blocks, words, queries.data(),
          num_queries, limits.data(), distances.data(), within.data()});
    REQUIRE(distances.back() == kGuard);
    REQUIRE(within.back() == 0xa5);
  }

  void randomise(std::mt19937_64& random) {
    for (CacheLine& line : blocks) {
      for (std::uint64_t& word : line.words) word = random();
    }
    for (std::uint64_t& word : queries) word = random();
    for (std::uint16_t& limit : limits) limit = static_cast<std::uint16_t>(random() % (words * 64 + 1));
  }

  void fill(std::uint64_t rows, std::uint64_t query, std::uint16_t limit) {
    for (CacheLine& line : blocks) {
      for (std::uint64_t& word : line.words) word = rows;
    }
    queries.assign(queries.size(), query);
    limits.assign(limits.size(), limit);
  }

  std::size_t num_blocks, words, num_queries;
  std::vector<CacheLine> blocks;
  std::vector<std::uint64_t> queries;
  std::vector<std::uint16_t> limits;
  std::vector<std::uint16_t> distances;
  std::vector<std::uint8_t> within;
};

void require_equals_scalar(Scan& scan, const Kernel& kernel) {
  scan.run(scan_scalar);
  const auto distances = scan.distances;
  const auto within = scan.within;
  scan.run(kernel.scan);
  REQUIRE(scan.distances == distances);
  REQUIRE(scan.within == within);
}

}  // namespace

TEST_CASE("the scalar kernel counts differing bits of every row of a block") {
  std::mt19937_64 random(1);
  Scan scan(3, 5, 2);
  scan.randomise(random);
  scan.run(scan_scalar);
  for (std::size_t q = 0; q < scan.num_queries; ++q) {
    for (std::size_t row = 0; row < scan.num_blocks * kRowsPerBlock; ++row) {
      unsigned expected = 0;
      for (std::size_t bit = 0; bit < scan.words * 64; ++bit) {
        const std::size_t line = row / kRowsPerBlock * scan.words + bit / 64;
        const std::uint64_t code = scan.blocks[line].words[row % kRowsPerBlock] >> (bit % 64);
        expected +=
            static_cast<unsigned>((code ^ (scan.queries[q * scan.words + bit / 64] >> (bit % 64))) & 1);
      }
      REQUIRE(scan.distances[q * scan.num_blocks * kRowsPerBlock + row] == expected);
      const unsigned mask = scan.within[q * scan.num_blocks + row / kRowsPerBlock];
      REQUIRE(((mask >> (row % kRowsPerBlock)) & 1) == (expected <= scan.limits[q]));
    }
  }
}

TEST_CASE("every kernel equals the scalar one at every code length") {
  std::mt19937_64 random(2);
  for (const Kernel* kernel : available_kernels()) {
    DYNAMIC_SECTION(kernel->name) {
      for (std::size_t words = 1; words <= kMaxWords; ++words) {
        Scan scan(7, words, 1 + words % 6);
        scan.randomise(random);
        require_equals_scalar(scan, *kernel);
      }
    }
  }
}

TEST_CASE("every kernel equals the scalar one for any number of queries and blocks") {
  std::mt19937_64 random(3);
  for (const Kernel* kernel : available_kernels()) {
    DYNAMIC_SECTION(kernel->name) {
      for (std::size_t num_queries = 0; num_queries <= 9; ++num_queries) {
        for (std::size_t num_blocks = 0; num_blocks <= 9; ++num_blocks) {
          Scan scan(num_blocks, 8, num_queries);
          scan.randomise(random);
          require_equals_scalar(scan, *kernel);
        }
      }
    }
  }
}

TEST_CASE("every kernel is right at the extreme distances and limits") {
  const std::uint64_t ones = ~std::uint64_t{0};
  for (const Kernel* kernel : available_kernels()) {
    DYNAMIC_SECTION(kernel->name) {
      for (std::size_t words = 1; words <= kMaxWords; ++words) {
        const auto bits = static_cast<std::uint16_t>(words * 64);
        Scan scan(2, words, 5);
        for (const std::uint16_t limit :
             {std::uint16_t{0}, static_cast<std::uint16_t>(bits - 1), bits, std::uint16_t{0xffff}}) {
          scan.fill(ones, 0, limit);  // all bits differ
          require_equals_scalar(scan, *kernel);
          REQUIRE(scan.distances.front() == bits);
          REQUIRE(scan.within.front() == (bits <= limit ? 0xff : 0));
          scan.fill(ones, ones, limit);  // equal
          require_equals_scalar(scan, *kernel);
          REQUIRE(scan.distances.front() == 0);
          REQUIRE(scan.within.front() == 0xff);
          scan.fill(0x8000000000000001, 0, limit);  // equal distances for all rows
          require_equals_scalar(scan, *kernel);
        }
      }
    }
  }
}

TEST_CASE("every kernel tells the rows of a block apart") {
  for (const Kernel* kernel : available_kernels()) {
    DYNAMIC_SECTION(kernel->name) {
      Scan scan(1, 3, 1);
      scan.fill(0, 0, 4);
      for (std::size_t row = 0; row < kRowsPerBlock; ++row) {
        scan.blocks[2].words[row] = (std::uint64_t{1} << row) - 1;  // row r is r away
      }
      scan.run(kernel->scan);
      for (std::size_t row = 0; row < kRowsPerBlock; ++row) REQUIRE(scan.distances[row] == row);
      REQUIRE(scan.within.front() == 0b00011111);
    }
  }
}

TEST_CASE("the scalar kernel is always available and last") {
  const auto available = available_kernels();
  REQUIRE_FALSE(available.empty());
  REQUIRE(std::string(available.back()->name) == "scalar");
  REQUIRE(all_kernels().size() >= available.size());
  REQUIRE(std::string(all_kernels().back().name) == "scalar");
}

TEST_CASE("a kernel is selected by name, the best one by an empty name") {
  REQUIRE(&select_kernel("") == available_kernels().front());
  for (const Kernel* kernel : available_kernels()) REQUIRE(&select_kernel(kernel->name) == kernel);
}

TEST_CASE("an unknown kernel name is refused with a list of those available") {
  try {
    select_kernel("abacus");
    FAIL("no error");
  } catch (const Error& error) {
    REQUIRE(error.code() == ErrorCode::kInvalidArgument);
    const std::string message = error.what();
    REQUIRE(message.find("abacus") != std::string::npos);
    for (const Kernel* kernel : available_kernels()) REQUIRE(message.find(kernel->name) != std::string::npos);
  }
}

}  // namespace vitrine::hamming
