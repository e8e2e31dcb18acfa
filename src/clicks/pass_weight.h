// SPDX-License-Identifier: MIT
#pragma once
/// How much a pass says, compared with a click.
///
/// In a log in which nearly everything right is clicked, a pass says "another product"; where hardly anybody
/// clicks, it says next to nothing. The log itself tells which: groups are formed with several weights, each
/// time without a tenth of the sightings, and those groups are best that tell best which of these were
/// clicks.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "clicks/sighting_table.h"
#include "clicks/signed_graph.h"
#include "vitrine/click_groups.h"

namespace vitrine::clicks {

/// Edges of weight clicks - pass_weight * passes; `photo` and `product` of the pairs are node numbers.
std::vector<SignedEdge> signed_edges(std::span<const PairSightings> pairs, double pass_weight);

struct PassWeightChoice {
  double pass_weight = 0;
  std::vector<PassWeightTrial> trials;  ///< by ascending weight; empty if there is too little to try with
};

/// `go_on(done, total)` is asked before each trial; false ends the search with what is best so far.
PassWeightChoice choose_pass_weight(std::span<const PairSightings> pairs, std::size_t num_nodes,
                                    double resolution, std::uint64_t seed,
                                    const std::function<bool(std::uint64_t, std::uint64_t)>& go_on);

}  // namespace vitrine::clicks
