// SPDX-License-Identifier: MIT
#include "engine/ordered_exchange.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <thread>
#include <vector>

using vitrine::engine::OrderedExchange;
using namespace std::chrono_literals;

TEST_CASE("results come in task order and turns are taken in task order") {
  constexpr std::size_t kTasks = 500;
  OrderedExchange<std::size_t> exchange(kTasks, 6);
  std::vector<std::size_t> turns;  // guarded by the turn
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      while (const auto task = exchange.claim()) {
        if (*task % 7 == 0) std::this_thread::yield();
        exchange.in_turn(*task, [&] { turns.push_back(*task); });
        exchange.deliver(*task, *task * 10);
      }
    });
  for (std::size_t expected = 0; !exchange.finished();) {
    const auto result = exchange.take(10s);
    REQUIRE(result);
    REQUIRE(*result == expected * 10);
    ++expected;
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE(turns.size() == kTasks);
  for (std::size_t i = 0; i < kTasks; ++i) REQUIRE(turns[i] == i);
}

TEST_CASE("no more tasks are given out than the window holds") {
  OrderedExchange<int> exchange(10, 2);
  CHECK(exchange.claim() == 0U);
  CHECK(exchange.claim() == 1U);
  std::atomic<bool> third_claimed = false;
  std::thread thread([&] {
    exchange.claim();
    third_claimed = true;
  });
  std::this_thread::sleep_for(20ms);
  CHECK_FALSE(third_claimed);
  exchange.deliver(0, 1);
  CHECK(exchange.take(10s) == 1);
  thread.join();
  CHECK(third_claimed);
}

TEST_CASE("stopping wakes whoever waits, and a failure reaches the consumer") {
  OrderedExchange<int> exchange(10, 1);
  REQUIRE(exchange.claim() == 0U);
  bool claimed = true;
  bool had_turn = true;
  std::thread claiming([&] { claimed = exchange.claim().has_value(); });
  std::thread waiting([&] { had_turn = exchange.in_turn(5, [] {}); });
  exchange.fail(std::make_exception_ptr(std::runtime_error("broken")));
  claiming.join();
  waiting.join();
  CHECK_FALSE(claimed);
  CHECK_FALSE(had_turn);
  CHECK_THROWS_AS(exchange.take(10s), std::runtime_error);
}
