// SPDX-License-Identifier: MIT
#include "engine/candidate_search.h"

#include <algorithm>
#include <utility>

#include "vitrine/error.h"
#include "vitrine/rerank.h"

namespace vitrine::engine {

std::vector<Candidate> CandidateSearch::nearest(const Embedding& query, std::size_t count,
                                                double target_recall, const RowFilter& filter) const {
  if (table_.size() == 0) return {};
  HammingSearchOptions hamming;
  hamming.k = std::min(count, table_.size());
  hamming.target_recall = target_recall;
  filter.restrict(hamming);
  std::vector<Candidate> found;
  for (const Neighbor& neighbor : table_.nearest(query.code, hamming)) {
    const auto row = table_.row_of(neighbor.id);
    if (!row)
      throw Error(ErrorCode::kCorrupt,
                  "cannot search in '" + catalog_.folder().string() + "': '" +
                      SearchTable::file(catalog_).string() +
                      "' does not fit the catalogue; delete that file, it will be made anew");
    table_.prefetch(*row);
    found.push_back({*row, neighbor.distance, 0});
  }
  return found;
}

void CandidateSearch::add_cosines(const Embedding& query, std::vector<Candidate>& found) const {
  for (Candidate& candidate : found) {
    candidate.cosine = dot(query.feature, table_.feature(candidate.row));
    table_.check_feature(candidate.row);
  }
}

void CandidateSearch::rank_by_cosine(const Embedding& query, std::size_t count,
                                     std::vector<Candidate>& found) const {
  std::vector<const Half*> features;
  features.reserve(found.size());
  for (const Candidate& candidate : found) features.push_back(table_.feature(candidate.row));
  std::vector<Candidate> ranked;
  for (const RankedCandidate& best : rerank_by_cosine(query.feature, features, count)) {
    ranked.push_back(found[best.candidate_index]);
    ranked.back().cosine = best.cosine;
  }
  // A damaged feature puts its own item in a wrong place and, by that, others. Compared now that all of them
  // have been read: before, each would be waited for.
  for (const Candidate& candidate : found) table_.check_feature(candidate.row);
  found = std::move(ranked);
}

std::vector<CategoryNeighbor> CandidateSearch::votes(const std::vector<Candidate>& ranked) const {
  std::vector<CategoryNeighbor> neighbors;
  neighbors.reserve(ranked.size());
  const std::size_t num_categories = catalog_.category_names().size();
  for (const Candidate& candidate : ranked) {
    const std::uint32_t category = table_.category_index(candidate.row);
    if (category < num_categories) neighbors.push_back({category, candidate.cosine});
  }
  return neighbors;
}

}  // namespace vitrine::engine
