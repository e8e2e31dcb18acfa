// SPDX-License-Identifier: MIT
#include "base/parallel.h"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace vitrine::base {

TEST_CASE("every index is visited once, whatever the number of threads") {
  for (const unsigned num_threads : {0U, 1U, 2U, 7U, 64U}) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{5}, std::size_t{1000}}) {
      std::vector<std::atomic<int>> visits(count);
      parallel_for(count, num_threads, [&](std::size_t i) { ++visits[i]; });
      for (const auto& number : visits) CHECK(number == 1);
    }
  }
}

TEST_CASE("parts cover the range without overlap") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{64}, std::size_t{1001}}) {
    std::vector<std::atomic<int>> visits(size);
    for_each_part(3, size, 64, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) ++visits[i];
    });
    for (const auto& number : visits) CHECK(number == 1);
  }
}

TEST_CASE("an exception of a step is thrown on, after which no step runs") {
  for (const unsigned num_threads : {1U, 3U}) {
    std::atomic<int> num_running = 0;
    std::atomic<int> num_done = 0;
    const auto step = [&](std::size_t i) {
      ++num_running;
      if (i == 10) {
        --num_running;
        throw std::runtime_error("step 10");
      }
      ++num_done;
      --num_running;
    };
    CHECK_THROWS_WITH(parallel_for(1'000'000, num_threads, step), "step 10");
    CHECK(num_running == 0);
    if (num_threads == 1) CHECK(num_done == 10);
  }
}

}  // namespace vitrine::base
