// SPDX-License-Identifier: MIT
#include "clicks/signed_graph.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace vitrine::clicks {
namespace {

constexpr int kMostSweeps = 30;  // of one level; a move or two may go back and forth for ever
constexpr double kLeastGain = 1e-12;

/// Numbers the values from 0 in the order of their first appearance; returns how many there are.
std::uint32_t renumber(std::vector<std::uint32_t>& values) {
  constexpr std::uint32_t kNone = ~std::uint32_t{0};
  std::vector<std::uint32_t> number(values.size(), kNone);
  std::uint32_t count = 0;
  for (std::uint32_t& value : values) {
    if (number[value] == kNone) number[value] = count++;
    value = number[value];
  }
  return count;
}

/// One level of Louvain's method: nodes move to the community of a neighbour while that is of use.
class Level {
 public:
  Level(const SignedGraph& graph, std::span<const double> degrees, double resolution, std::mt19937_64& random)
      : graph_(graph),
        degrees_(degrees),
        random_(random),
        price_(resolution / std::max(std::accumulate(degrees.begin(), degrees.end(), 0.0), 1e-300)),
        community_(graph.num_nodes()),
        total_(degrees.begin(), degrees.end()),
        num_members_(graph.num_nodes(), 1),
        pull_(graph.num_nodes(), 0) {
    std::iota(community_.begin(), community_.end(), 0U);
  }

  /// Returns whether any node found a better place.
  bool run() {
    std::vector<std::uint32_t> order(community_);
    bool improved = false;
    for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
      for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_() % i]);
      std::size_t num_moves = 0;
      for (const std::uint32_t node : order) num_moves += move(node) ? 1 : 0;
      if (num_moves == 0) break;
      improved = true;
    }
    return improved;
  }

  std::vector<std::uint32_t> take() { return std::move(community_); }

 private:
  bool move(std::uint32_t node) {
    touched_.clear();
    for (const SignedGraph::Neighbour& neighbour : graph_.neighbours(node)) {
      const std::uint32_t community = community_[neighbour.node];
      // Weights that add up to 0 on the way list a community twice, which does no harm.
      if (pull_[community] == 0) touched_.push_back(community);
      pull_[community] += neighbour.weight;
    }
    const std::uint32_t from = community_[node];
    leave(node, from);
    const auto gain = [&](std::uint32_t community) {
      return pull_[community] - price_ * degrees_[node] * total_[community];
    };
    std::uint32_t to = from;
    double best = gain(from);
    for (const std::uint32_t community : touched_) {
      if (const double here = gain(community); here > best + kLeastGain) best = here, to = community;
    }
    if (best < -kLeastGain) to = alone();
    join(node, to);
    for (const std::uint32_t community : touched_) pull_[community] = 0;
    return to != from;
  }

  void leave(std::uint32_t node, std::uint32_t community) {
    total_[community] -= degrees_[node];
    if (--num_members_[community] == 0) {
      total_[community] = 0;  // no rounding is left behind
      empty_.push_back(community);
    }
  }

  void join(std::uint32_t node, std::uint32_t community) {
    total_[community] += degrees_[node];
    ++num_members_[community];
    community_[node] = community;
  }

  /// An empty community. There is one: fewer communities are taken than there are nodes, one of which is out.
  std::uint32_t alone() {
    while (num_members_[empty_.back()] > 0) empty_.pop_back();
    return empty_.back();
  }

  const SignedGraph& graph_;
  std::span<const double> degrees_;
  std::mt19937_64& random_;
  double price_;
  std::vector<std::uint32_t> community_;
  std::vector<double> total_;  ///< of the degrees in each community
  std::vector<std::uint32_t> num_members_;
  std::vector<double> pull_;  ///< of each community on the node that is moved; 0 between moves
  std::vector<std::uint32_t> touched_;
  std::vector<std::uint32_t> empty_;  ///< communities that were empty at some time
};

/// The graph whose nodes are the communities.
SignedGraph contracted(const SignedGraph& graph, std::span<const std::uint32_t> community,
                       std::uint32_t num_communities) {
  std::vector<std::vector<std::uint32_t>> members(num_communities);
  for (std::uint32_t node = 0; node < community.size(); ++node) members[community[node]].push_back(node);
  std::vector<SignedEdge> edges;
  std::vector<double> weight(num_communities, 0);
  std::vector<bool> met(num_communities, false);
  std::vector<std::uint32_t> neighbours;
  for (std::uint32_t one = 0; one < num_communities; ++one) {
    for (const std::uint32_t node : members[one]) {
      for (const SignedGraph::Neighbour& neighbour : graph.neighbours(node)) {
        const std::uint32_t other = community[neighbour.node];
        if (other <= one) continue;  // each pair once
        if (!met[other]) met[other] = true, neighbours.push_back(other);
        weight[other] += neighbour.weight;
      }
    }
    for (const std::uint32_t other : neighbours) {
      edges.push_back({one, other, weight[other]});
      weight[other] = 0;
      met[other] = false;
    }
    neighbours.clear();
  }
  return {num_communities, edges};
}

}  // namespace

SignedGraph::SignedGraph(std::size_t num_nodes, std::span<const SignedEdge> edges) : begin_(num_nodes + 1) {
  for (const SignedEdge& edge : edges) {
    if (edge.a == edge.b) continue;
    ++begin_[edge.a + 1];
    ++begin_[edge.b + 1];
  }
  std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
  neighbours_.resize(begin_.back());
  std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
  for (const SignedEdge& edge : edges) {
    if (edge.a == edge.b) continue;
    neighbours_[next[edge.a]++] = {edge.b, edge.weight};
    neighbours_[next[edge.b]++] = {edge.a, edge.weight};
  }
}

std::vector<std::uint32_t> find_communities(const SignedGraph& graph, double resolution, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> degrees(graph.num_nodes(), 0);
  for (std::uint32_t node = 0; node < graph.num_nodes(); ++node)
    for (const SignedGraph::Neighbour& neighbour : graph.neighbours(node))
      degrees[node] += std::max(neighbour.weight, 0.0);
  std::vector<std::uint32_t> community(graph.num_nodes());
  std::iota(community.begin(), community.end(), 0U);
  SignedGraph level_graph = graph;
  while (true) {
    Level level(level_graph, degrees, resolution, random);
    if (!level.run()) break;
    std::vector<std::uint32_t> merged = level.take();
    const std::uint32_t num_communities = renumber(merged);
    for (std::uint32_t& one : community) one = merged[one];
    std::vector<double> merged_degrees(num_communities, 0);
    for (std::size_t node = 0; node < merged.size(); ++node) merged_degrees[merged[node]] += degrees[node];
    level_graph = contracted(level_graph, merged, num_communities);
    degrees = std::move(merged_degrees);
  }
  renumber(community);
  return community;
}

}  // namespace vitrine::clicks
