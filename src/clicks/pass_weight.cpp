// SPDX-License-Identifier: MIT
#include "clicks/pass_weight.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

namespace vitrine::clicks {
namespace {

/// Shares of the weight at which all clicks and all passes of the log would cancel out.
constexpr std::array<double, 8> kShares = {0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0};
constexpr double kDefaultShare = 0.5;
constexpr std::uint64_t kOneIn = 10;        // sightings that are kept aside
constexpr std::uint64_t kLeastAside = 200;  // fewer, and chance would choose

struct Split {
  std::vector<PairSightings> kept;
  std::vector<PairSightings> aside;
  std::uint64_t num_aside = 0;
};

Split split(std::span<const PairSightings> pairs, std::uint64_t seed) {
  Split result;
  std::mt19937_64 random(seed);
  for (const PairSightings& pair : pairs) {
    PairSightings kept = pair, aside = pair;
    aside.num_clicked = aside.num_passed = 0;
    const auto draw = [&](std::uint32_t& from, std::uint32_t& to) {
      for (std::uint32_t left = from; left > 0; --left)
        if (random() % kOneIn == 0) --from, ++to;
    };
    draw(kept.num_clicked, aside.num_clicked);
    draw(kept.num_passed, aside.num_passed);
    result.kept.push_back(kept);
    if (const std::uint32_t count = aside.num_clicked + aside.num_passed; count > 0) {
      result.aside.push_back(aside);
      result.num_aside += count;
    }
  }
  return result;
}

struct Counts {
  double num_clicked = 0;
  double num_passed = 0;

  /// Of these sightings, under the click rate that fits them best.
  double log_likelihood() const {
    const double all = num_clicked + num_passed;
    const double rate = (num_clicked + 1) / (all + 2);  // never 0 nor 1
    return num_clicked * std::log(rate) + num_passed * std::log1p(-rate);
  }
};

/// The mean of a sighting if pairs of one group are clicked at one rate and all others at another.
double log_likelihood(std::span<const PairSightings> pairs, std::span<const std::uint32_t> group) {
  Counts within, between;
  for (const PairSightings& pair : pairs) {
    Counts& counts = group[pair.photo] == group[pair.product] ? within : between;
    counts.num_clicked += pair.num_clicked;
    counts.num_passed += pair.num_passed;
  }
  const double all = within.num_clicked + within.num_passed + between.num_clicked + between.num_passed;
  return (within.log_likelihood() + between.log_likelihood()) / std::max(all, 1.0);
}

}  // namespace

std::vector<SignedEdge> signed_edges(std::span<const PairSightings> pairs, double pass_weight) {
  std::vector<SignedEdge> edges;
  edges.reserve(pairs.size());
  for (const PairSightings& pair : pairs)
    edges.push_back({pair.photo, pair.product, pair.num_clicked - pass_weight * pair.num_passed});
  return edges;
}

PassWeightChoice choose_pass_weight(std::span<const PairSightings> pairs, std::size_t num_nodes,
                                    double resolution, std::uint64_t seed,
                                    const std::function<bool(std::uint64_t, std::uint64_t)>& go_on) {
  double num_clicked = 0, num_passed = 0;
  for (const PairSightings& pair : pairs) {
    num_clicked += pair.num_clicked;
    num_passed += pair.num_passed;
  }
  const double even = num_clicked / std::max(num_passed, 1.0);
  PassWeightChoice choice{kDefaultShare * even, {}};
  const Split parts = split(pairs, seed);
  if (parts.num_aside < kLeastAside) return choice;
  double best = -std::numeric_limits<double>::infinity();
  for (const double share : kShares) {
    if (!go_on(choice.trials.size(), kShares.size())) return choice;
    const SignedGraph graph(num_nodes, signed_edges(parts.kept, share * even));
    const double likelihood = log_likelihood(parts.aside, find_communities(graph, resolution, seed));
    choice.trials.push_back({share * even, likelihood});
    if (likelihood > best) best = likelihood, choice.pass_weight = share * even;
  }
  return choice;
}

}  // namespace vitrine::clicks
