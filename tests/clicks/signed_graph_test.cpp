// SPDX-License-Identifier: MIT
#include "clicks/signed_graph.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

namespace vitrine::test {

using clicks::find_communities;
using clicks::SignedEdge;
using clicks::SignedGraph;

namespace {

// The definition, pair by pair.
double quality(std::size_t num_nodes, const std::vector<SignedEdge>& edges, double resolution,
               const std::vector<std::uint32_t>& community) {
  std::vector<double> degree(num_nodes, 0);
  double all = 0, sum = 0;
  for (const SignedEdge& edge : edges) {
    degree[edge.a] += std::max(edge.weight, 0.0);
    degree[edge.b] += std::max(edge.weight, 0.0);
    all += 2 * std::max(edge.weight, 0.0);
    if (community[edge.a] == community[edge.b]) sum += edge.weight;
  }
  for (std::size_t i = 0; i < num_nodes; ++i)
    for (std::size_t j = i + 1; j < num_nodes; ++j)
      if (community[i] == community[j]) sum -= resolution * degree[i] * degree[j] / all;
  return sum;
}

// The best of all ways to put the nodes into communities.
double best_quality(std::size_t num_nodes, const std::vector<SignedEdge>& edges, double resolution) {
  double best = 0;
  std::vector<std::uint32_t> community(num_nodes, 0);
  const auto try_all = [&](auto& self, std::size_t node, std::uint32_t used) -> void {
    if (node == num_nodes) {
      best = std::max(best, quality(num_nodes, edges, resolution, community));
      return;
    }
    for (std::uint32_t c = 0; c <= used; ++c) {
      community[node] = c;
      self(self, node + 1, std::max(used, c + 1));
    }
  };
  try_all(try_all, 0, 0);
  return best;
}

std::vector<SignedEdge> random_edges(std::size_t num_nodes, double share, std::mt19937& random) {
  std::vector<SignedEdge> edges;
  for (std::uint32_t a = 0; a < num_nodes; ++a)
    for (std::uint32_t b = a + 1; b < num_nodes; ++b)
      if (random() % 1000 < share * 1000)
        edges.push_back({a, b, static_cast<double>(random() % 600) / 100 - 3});
  return edges;
}

}  // namespace

TEST_CASE("communities of small graphs are nearly the best there are, and never worse than none") {
  std::mt19937 random(3);
  double sum_found = 0, sum_best = 0;
  for (int trial = 0; trial < 60; ++trial) {
    const std::size_t num_nodes = 4 + random() % 5;
    std::vector<SignedEdge> edges = random_edges(num_nodes, 0.6, random);
    edges.push_back({0, 1, 1});  // so that there is any positive weight
    edges.push_back({1, 0, 0.5});
    const double resolution = 0.5 + 0.5 * (trial % 4);
    const std::vector<std::uint32_t> community =
        find_communities({num_nodes, edges}, resolution, static_cast<std::uint64_t>(trial));
    const double found = quality(num_nodes, edges, resolution, community);
    const double best = best_quality(num_nodes, edges, resolution);
    CHECK(found >= -1e-9);
    CHECK(found <= best + 1e-9);
    sum_found += found;
    sum_best += best;
  }
  CHECK(sum_found > 0.93 * sum_best);
}

TEST_CASE("no single node would be better off elsewhere, or alone") {
  std::mt19937 random(8);
  for (int trial = 0; trial < 5; ++trial) {
    constexpr std::size_t kNodes = 60;
    const std::vector<SignedEdge> edges = random_edges(kNodes, 0.2, random);
    const std::vector<std::uint32_t> found = find_communities({kNodes, edges}, 1, 1);
    const double reached = quality(kNodes, edges, 1, found);
    // Moves of the first level are final only until communities merge, so single nodes may gain a little.
    double best_gain = 0;
    for (std::size_t node = 0; node < kNodes; ++node) {
      for (std::uint32_t target = 0; target <= kNodes; ++target) {
        std::vector<std::uint32_t> moved = found;
        moved[node] = target;
        best_gain = std::max(best_gain, quality(kNodes, edges, 1, moved) - reached);
      }
    }
    CHECK(best_gain < 0.03 * reached);
  }
}

TEST_CASE("planted groups are found through much noise") {
  std::mt19937 random(5);
  constexpr std::uint32_t kGroups = 40, kSize = 25, kNodes = kGroups * kSize;
  std::vector<SignedEdge> edges;
  for (int i = 0; i < 30'000; ++i) {
    const auto a = static_cast<std::uint32_t>(random() % kNodes);
    // Half of what is shown is of the same group; of these four of five are clicked, of the others one of
    // three.
    const bool same = random() % 2 == 0;
    const auto b =
        static_cast<std::uint32_t>(same ? a / kSize * kSize + random() % kSize : random() % kNodes);
    if (a == b) continue;
    const bool clicked = same ? random() % 5 != 0 : random() % 3 == 0;
    edges.push_back({a, b, clicked ? 1.0 : -1.0});
  }
  const std::vector<std::uint32_t> community = find_communities({kNodes, edges}, 2, 1);
  std::map<std::uint32_t, std::map<std::uint32_t, std::uint32_t>> counts;
  for (std::uint32_t node = 0; node < kNodes; ++node) ++counts[community[node]][node / kSize];
  std::uint32_t num_right = 0;
  for (const auto& [group, by_truth] : counts) {
    std::uint32_t most = 0;
    for (const auto& [truth, count] : by_truth) most = std::max(most, count);
    num_right += most;
  }
  CHECK(num_right > kNodes * 95 / 100);
  CHECK(counts.size() < kGroups * 13 / 10);
  CHECK(find_communities({kNodes, edges}, 2, 1) == community);
}

TEST_CASE("communities are numbered without gaps, and nodes that nothing holds are alone") {
  const std::vector<SignedEdge> edges = {{0, 1, 2}, {1, 2, 2}, {3, 4, -1}, {5, 5, 3}};
  const std::vector<std::uint32_t> community = find_communities({7, edges}, 1, 1);
  CHECK(community[0] == community[1]);
  CHECK(community[1] == community[2]);
  CHECK(community[3] != community[4]);
  const std::set<std::uint32_t> used(community.begin(), community.end());
  CHECK(used.size() == 5);
  CHECK(*used.rbegin() == 4);
  CHECK(find_communities({0, {}}, 1, 1).empty());
  CHECK(find_communities({2, {}}, 1, 1) == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("edges that say nothing against each other merge, and a strong pass divides") {
  const std::vector<SignedEdge> together = {{0, 1, 1}, {1, 2, 1}, {0, 2, 1}, {3, 4, 1}};
  CHECK(find_communities({5, together}, 1, 1) == std::vector<std::uint32_t>{0, 0, 0, 1, 1});
  const std::vector<SignedEdge> divided = {{0, 1, 1}, {1, 2, 1}, {0, 2, -3}, {3, 4, 1}};
  const std::vector<std::uint32_t> community = find_communities({5, divided}, 1, 1);
  CHECK(community[0] != community[2]);
}

}  // namespace vitrine::test
