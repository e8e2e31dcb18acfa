// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <thread>

#include "base/parallel.h"
#include "engine/even_sample.h"
#include "engine/exact_neighbors.h"
#include "engine/search_table.h"
#include "vitrine/catalog_candidates.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

// Of a neighbour whose code is not among the candidates looked at.
constexpr std::size_t kBeyond = std::numeric_limits<std::size_t>::max();

void validate(const CandidateFitOptions& options) {
  if (!(options.target_share > 0 && options.target_share < 1) || options.num_neighbors == 0 ||
      options.max_queries < 2 || options.max_candidates == 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot measure how many candidates searches need: expected a target_share above 0 and below "
                "1, num_neighbors and max_candidates of at least 1 and max_queries of at least 2");
  }
}

// At which place, from 1, the code of each of the neighbours comes.
std::vector<std::size_t> places_by_code(const engine::SearchTable& table, std::size_t query,
                                        const std::vector<std::size_t>& neighbors,
                                        std::size_t max_candidates) {
  const std::size_t num_others = std::min(max_candidates, table.size() - 1);
  std::vector<Neighbor> nearest = table.nearest(table.code(query), {.k = num_others + 1});
  std::erase_if(nearest, [&](const Neighbor& candidate) { return candidate.id == table.id(query); });
  std::vector<std::size_t> places;
  for (const std::size_t neighbor : neighbors) {
    const auto found = std::find_if(nearest.begin(), nearest.end(), [&](const Neighbor& candidate) {
      return candidate.id == table.id(neighbor);
    });
    places.push_back(found == nearest.end() ? kBeyond
                                            : static_cast<std::size_t>(found - nearest.begin()) + 1);
  }
  return places;
}

std::size_t smallest_count(std::vector<std::size_t> places, double target_share, std::size_t max_count) {
  const auto num_wanted =
      static_cast<std::size_t>(std::ceil(target_share * static_cast<double>(places.size())));
  const auto last = places.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(num_wanted, 1) - 1);
  std::nth_element(places.begin(), last, places.end());
  return std::min(*last, max_count);
}

double share_within(const std::vector<std::size_t>& places, std::size_t count) {
  const auto num_within =
      std::count_if(places.begin(), places.end(), [&](std::size_t place) { return place <= count; });
  return static_cast<double>(num_within) / static_cast<double>(places.size());
}

}  // namespace

std::optional<CandidateCount> fit_candidate_count(const Catalog& catalog,
                                                  const CandidateFitOptions& options) {
  validate(options);
  const engine::SearchTable table(catalog);
  if (table.size() < 2 || table.feature_dim() == 0) return std::nullopt;
  const unsigned num_threads =
      options.num_threads != 0 ? options.num_threads : std::max(1U, std::thread::hardware_concurrency());
  const std::vector<std::size_t> queries = engine::even_sample(table.rows(), options.max_queries);
  const std::size_t num_neighbors = std::min(options.num_neighbors, table.size() - 1);
  const auto neighbors =
      engine::exact_neighbors(table, queries, num_neighbors, num_threads, options.should_stop);

  std::vector<std::vector<std::size_t>> places(queries.size());
  base::parallel_for(queries.size(), num_threads, [&](std::size_t q) {
    places[q] = places_by_code(table, queries[q], neighbors[q], options.max_candidates);
  });
  std::vector<std::size_t> fitted, held_back;
  for (std::size_t q = 0; q < places.size(); ++q) {
    std::vector<std::size_t>& half = q % 2 == 0 ? fitted : held_back;
    half.insert(half.end(), places[q].begin(), places[q].end());
  }
  if (fitted.empty() || held_back.empty()) return std::nullopt;  // no cosine is a number
  CandidateCount result;
  result.count =
      smallest_count(fitted, options.target_share, std::min(options.max_candidates, table.size() - 1));
  result.target_share = options.target_share;
  result.share = share_within(held_back, result.count);
  result.num_neighbors = static_cast<std::uint32_t>(num_neighbors);
  result.num_queries = queries.size();
  result.num_items = table.size();
  return result;
}

}  // namespace vitrine
