// SPDX-License-Identifier: MIT
#include "clicks/pass_weight.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

namespace vitrine::test {

using clicks::choose_pass_weight;
using clicks::PairSightings;
using clicks::PassWeightChoice;

namespace {

constexpr std::uint32_t kGroups = 20, kSize = 20, kNodes = kGroups * kSize;

// Pairs half of which are of one group, each seen a few times.
std::vector<PairSightings> planted_pairs(double click_same, double click_other, std::mt19937& random) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, PairSightings> pairs;
  std::uniform_real_distribution<double> uniform;
  for (int i = 0; i < 12'000; ++i) {
    const auto a = static_cast<std::uint32_t>(random() % kNodes);
    const bool same = uniform(random) < 0.5;
    const auto b =
        static_cast<std::uint32_t>(same ? a / kSize * kSize + random() % kSize : random() % kNodes);
    if (a == b) continue;
    PairSightings& pair = pairs[std::minmax(a, b)];
    std::tie(pair.photo, pair.product) = std::minmax(a, b);
    pair.same_product = a / kSize == b / kSize;
    const bool clicked = uniform(random) < (*pair.same_product ? click_same : click_other);
    (clicked ? pair.num_clicked : pair.num_passed) += 1;
  }
  std::vector<PairSightings> result;
  for (const auto& [key, pair] : pairs) result.push_back(pair);
  return result;
}

bool always(std::uint64_t /*done*/, std::uint64_t /*total*/) {
  return true;
}

// How many pairs are put together, or apart, as they should be.
double accuracy(const std::vector<PairSightings>& pairs, double pass_weight) {
  const auto group = clicks::find_communities({kNodes, clicks::signed_edges(pairs, pass_weight)}, 2, 1);
  double num_right = 0;
  for (const PairSightings& pair : pairs)
    num_right += (group[pair.photo] == group[pair.product]) == *pair.same_product ? 1 : 0;
  return num_right / static_cast<double>(pairs.size());
}

}  // namespace

TEST_CASE("the weight of a pass that a log suggests groups nearly as well as the best") {
  std::mt19937 random(11);
  // Where most look-alikes are clicked, where hardly anybody clicks, and where nearly everything is clicked.
  for (const auto& [same, other] : {std::pair(0.7, 0.3), std::pair(0.1, 0.01), std::pair(0.95, 0.6)}) {
    const std::vector<PairSightings> pairs = planted_pairs(same, other, random);
    const PassWeightChoice choice = choose_pass_weight(pairs, kNodes, 2, 1, always);
    REQUIRE(choice.trials.size() > 4);
    double best = 0;
    for (const PassWeightTrial& trial : choice.trials)
      best = std::max(best, accuracy(pairs, trial.pass_weight));
    INFO(same << ' ' << other << ": weight " << choice.pass_weight << ", best " << best);
    CHECK(accuracy(pairs, choice.pass_weight) > best - 0.03);
    CHECK(std::is_sorted(choice.trials.begin(), choice.trials.end(),
                         [](const auto& a, const auto& b) { return a.pass_weight < b.pass_weight; }));
  }
}

TEST_CASE("with too little to try, the weight is a guess, and a search that is stopped says so") {
  const std::vector<PairSightings> few = {{0, 1, 3, 1}, {0, 2, 1, 3}};
  const PassWeightChoice choice = choose_pass_weight(few, 3, 1, 1, always);
  CHECK(choice.trials.empty());
  CHECK(choice.pass_weight == Approx(0.5));  // half of what four clicks and four passes cancel out at
  CHECK(choose_pass_weight({}, 0, 1, 1, always).pass_weight == 0);
  std::mt19937 random(1);
  int num_asked = 0;
  const PassWeightChoice stopped =
      choose_pass_weight(planted_pairs(0.7, 0.3, random), kNodes, 1, 1,
                         [&](std::uint64_t, std::uint64_t) { return ++num_asked < 3; });
  CHECK(stopped.trials.size() == 2);
}

TEST_CASE("edges weigh clicks against passes") {
  const std::vector<PairSightings> pairs = {{0, 1, 3, 4}, {2, 0, 0, 2}};
  const auto edges = clicks::signed_edges(pairs, 0.5);
  REQUIRE(edges.size() == 2);
  CHECK(edges[0].weight == 1);
  CHECK(edges[1].a == 2);
  CHECK(edges[1].weight == -1);
}

}  // namespace vitrine::test
