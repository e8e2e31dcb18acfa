// SPDX-License-Identifier: MIT
#include "hamming/kernel.h"

#include <algorithm>
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

// Inputs of the kernels and room for their results. Guards around the results show writes out of bounds.
struct Scan {
  static constexpr std::uint32_t kGuard = 0xa5a5a5a5;

  Scan(std::size_t num_blocks_, std::size_t words_, std::size_t num_queries_)
      : num_blocks(num_blocks_),
        words(words_),
        head_words(words_),
        tail_words(0),
        num_queries(num_queries_),
        blocks(num_blocks * words),
        queries(num_queries * words),
        limits(num_queries) {}

  // The hits of each query.
  std::vector<std::vector<BlockHit>> find(FindFunction kernel) const {
    const std::size_t num_compared = selected.empty() ? num_blocks : selected.size();
    std::vector<BlockHit> hits(num_queries * num_compared + 1, BlockHit{kGuard, kGuard, {}});
    std::vector<std::uint32_t> num_hits(num_queries + 1, kGuard);
    // The tails lie behind the heads.
    const std::uint64_t* tails = first_block() + num_blocks * head_words * kRowsPerBlock;
    kernel({first_block(), tails, head_words, tail_words, num_compared,
            selected.empty() ? nullptr : selected.data(), queries.data(), words, num_queries, limits.data(),
            hits.data(), num_hits.data()});
    REQUIRE(hits.back().block == kGuard);
    REQUIRE(num_hits.back() == kGuard);
    std::vector<std::vector<BlockHit>> found(num_queries);
    for (std::size_t q = 0; q < num_queries; ++q) {
      REQUIRE(num_hits[q] <= num_compared);
      const auto first = hits.begin() + static_cast<std::ptrdiff_t>(q * num_compared);
      found[q].assign(first, first + num_hits[q]);
    }
    return found;
  }

  std::vector<std::uint64_t> nearest(NearestFunction kernel) const {
    std::vector<std::uint64_t> rows(num_queries + 1, kGuard);
    kernel({first_block(), num_blocks, words, queries.data(), num_queries, rows.data()});
    REQUIRE(rows.back() == kGuard);
    rows.pop_back();
    return rows;
  }

  const std::uint64_t* first_block() const { return reinterpret_cast<const std::uint64_t*>(blocks.data()); }

  void randomise(std::mt19937_64& random) {
    for (CacheLine& line : blocks) {
      for (std::uint64_t& word : line.words) word = random();
    }
    for (std::uint64_t& word : queries) word = random();
    // About a tenth of random rows lie below half the bits less their deviation.
    for (std::uint16_t& limit : limits) {
      limit = static_cast<std::uint16_t>(words * 32 + random() % (2 * words + 20) - words - 10);
    }
  }

  void fill(std::uint64_t rows, std::uint64_t query, std::uint16_t limit) {
    for (CacheLine& line : blocks) {
      for (std::uint64_t& word : line.words) word = rows;
    }
    queries.assign(queries.size(), query);
    limits.assign(limits.size(), limit);
  }

  std::size_t num_blocks, words, head_words, tail_words, num_queries;
  std::vector<CacheLine> blocks;
  std::vector<std::uint32_t> selected;
  std::vector<std::uint64_t> queries;
  std::vector<std::uint16_t> limits;
};

bool equal(const BlockHit& left, const BlockHit& right) {
  return left.block == right.block && left.rows == right.rows &&
         std::equal(left.distances, left.distances + kRowsPerBlock, right.distances);
}

void require_equals_scalar(const Scan& scan, const Kernel& kernel) {
  const auto expected = scan.find(find_scalar);
  const auto found = scan.find(kernel.find);
  for (std::size_t q = 0; q < scan.num_queries; ++q) {
    REQUIRE(std::equal(found[q].begin(), found[q].end(), expected[q].begin(), expected[q].end(), equal));
  }
  if (scan.num_blocks == 0) return;
  REQUIRE(scan.nearest(kernel.nearest) == scan.nearest(nearest_scalar));
}

}  // namespace

TEST_CASE("the scalar kernel counts differing bits of every row of a block") {
  std::mt19937_64 random(1);
  Scan scan(3, 5, 2);
  scan.randomise(random);
  scan.limits.assign(2, 5 * 64);  // every row is a hit
  const auto found = scan.find(find_scalar);
  const auto nearest = scan.nearest(nearest_scalar);
  for (std::size_t q = 0; q < scan.num_queries; ++q) {
    REQUIRE(found[q].size() == scan.num_blocks);
    std::uint64_t best = ~std::uint64_t{0};
    for (std::size_t row = 0; row < scan.num_blocks * kRowsPerBlock; ++row) {
      unsigned expected = 0;
      for (std::size_t bit = 0; bit < scan.words * 64; ++bit) {
        const std::size_t line = row / kRowsPerBlock * scan.words + bit / 64;
        const std::uint64_t code = scan.blocks[line].words[row % kRowsPerBlock] >> (bit % 64);
        expected +=
            static_cast<unsigned>((code ^ (scan.queries[q * scan.words + bit / 64] >> (bit % 64))) & 1);
      }
      REQUIRE(found[q][row / kRowsPerBlock].distances[row % kRowsPerBlock] == expected);
      best = std::min(best, std::uint64_t{expected} << 32 | row);
    }
    REQUIRE(nearest[q] == best);
  }
}

TEST_CASE("every kernel equals the scalar one at every code length") {
  std::mt19937_64 random(2);
  for (const Kernel* kernel : available_kernels()) {
    DYNAMIC_SECTION(kernel->name) {
      for (std::size_t words = 1; words <= kMaxWords; ++words) {
        Scan scan(37, words, 1 + words % 14);
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
      for (std::size_t num_queries = 0; num_queries <= 17; ++num_queries) {
        for (std::size_t num_blocks = 0; num_blocks <= 9; ++num_blocks) {
          Scan scan(num_blocks, 8, num_queries);
          scan.randomise(random);
          require_equals_scalar(scan, *kernel);
        }
      }
    }
  }
}

TEST_CASE("every kernel compares heads alone or with tails, and selected blocks") {
  std::mt19937_64 random(4);
  for (const Kernel* kernel : available_kernels()) {
    DYNAMIC_SECTION(kernel->name) {
      for (std::size_t words = 1; words <= kMaxWords; words += words < 12 ? 1 : 26) {
        for (std::size_t head_words = 1; head_words <= words; ++head_words) {
          Scan scan(40, words, 1 + random() % 9);
          scan.randomise(random);
          scan.head_words = head_words;
          require_equals_scalar(scan, *kernel);
          scan.tail_words = words - head_words;
          require_equals_scalar(scan, *kernel);
          for (std::uint32_t block = 0; block < scan.num_blocks; ++block) {
            if (random() % 3 == 0) scan.selected.push_back(block);
          }
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
          REQUIRE(scan.find(kernel->find)[0].size() == (bits <= limit ? 2 : 0));
          REQUIRE(scan.nearest(kernel->nearest)[4] == std::uint64_t{bits} << 32);
          scan.fill(ones, ones, limit);  // equal
          require_equals_scalar(scan, *kernel);
          REQUIRE(scan.find(kernel->find)[0].front().rows == 0xff);
          REQUIRE(scan.nearest(kernel->nearest)[4] == 0);
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
      const BlockHit hit = scan.find(kernel->find)[0].front();
      for (std::size_t row = 0; row < kRowsPerBlock; ++row) REQUIRE(hit.distances[row] == row);
      REQUIRE(hit.rows == 0b00011111);
      for (std::size_t row = 0; row < kRowsPerBlock; ++row) {
        scan.blocks[2].words[0] = 0xffff;
        scan.queries[2] = (std::uint64_t{1} << row) - 1;
        REQUIRE(scan.nearest(kernel->nearest)[0] == (row == 0 ? std::uint64_t{1} << 32 | 1 : row));
      }
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
