// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vitrine::clicks {

/// Two nodes that belong together (weight above 0) or do not (below 0).
struct SignedEdge {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  double weight = 0;
};

/// An undirected graph, its edges stored once for each end. Immutable.
class SignedGraph {
 public:
  struct Neighbour {
    std::uint32_t node = 0;
    double weight = 0;
  };

  /// Edges from a node to itself are left out; several between two nodes count together. Cost: O(nodes +
  /// edges).
  SignedGraph(std::size_t num_nodes, std::span<const SignedEdge> edges);

  std::size_t num_nodes() const { return begin_.size() - 1; }
  std::span<const Neighbour> neighbours(std::uint32_t node) const {
    return {neighbours_.data() + begin_[node], neighbours_.data() + begin_[node + 1]};
  }

 private:
  std::vector<std::size_t> begin_;  ///< of each node's neighbours, and their end
  std::vector<Neighbour> neighbours_;
};

/// The community of each node, numbered from 0 without gaps: groups that hold much positive and little
/// negative weight. Maximises the sum over pairs in one community of w_ij - resolution * k_i * k_j / 2m,
/// where k are sums of the positive weights alone and 2m their total (modularity with resolution, Reichardt
/// and Bornholdt, Phys. Rev. E 74, 2006; negative edges only push, since items are shown together because
/// they look alike, so that no number of passes between two products is to be expected). By Louvain's method
/// (Blondel et al., J. Stat. Mech. 2008): a local maximum, which depends on `seed`. Cost: some ten passes
/// over the edges.
std::vector<std::uint32_t> find_communities(const SignedGraph& graph, double resolution, std::uint64_t seed);

}  // namespace vitrine::clicks
