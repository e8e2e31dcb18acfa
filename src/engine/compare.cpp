// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <utility>

#include "engine/bootstrap.h"
#include "vitrine/evaluate.h"

namespace vitrine {
namespace {

using Pair = std::pair<const PhotoOutcome*, const PhotoOutcome*>;

std::vector<Pair> pairs_of(const EvaluationReport& first, const EvaluationReport& second) {
  std::map<std::pair<std::string, std::string>, const PhotoOutcome*> others;
  for (const PhotoOutcome& photo : second.photos) others[{photo.path, photo.product}] = &photo;
  std::vector<Pair> pairs;
  for (const PhotoOutcome& photo : first.photos) {
    const auto other = others.find({photo.path, photo.product});
    if (other != others.end()) pairs.emplace_back(&photo, other->second);
  }
  return pairs;
}

template <typename Figure>
FigureDifference difference(const std::vector<Pair>& pairs, const EvaluationOptions& options, Figure figure) {
  FigureDifference result;
  std::vector<double> differences;
  for (const auto& [one, other] : pairs) {
    const double before = figure(*one);
    const double after = figure(*other);
    result.first += before / static_cast<double>(pairs.size());
    result.second += after / static_cast<double>(pairs.size());
    differences.push_back(after - before);
  }
  result.difference = engine::bootstrap_mean(differences, options.num_resamples, options.seed);
  return result;
}

}  // namespace

Comparison compare(const EvaluationReport& first, const EvaluationReport& second,
                   const EvaluationOptions& options) {
  const std::vector<Pair> pairs = pairs_of(first, second);
  Comparison comparison{pairs.size(), {}};
  for (std::size_t ranking = 0; ranking < std::min(first.rankings.size(), second.rankings.size());
       ++ranking) {
    const auto add = [&](const std::string& name, const auto& figure) {
      comparison.differences.push_back(difference(
          pairs, options, [&](const PhotoOutcome& photo) { return figure(photo.rankings[ranking]); }));
      comparison.differences.back().ranking = first.rankings[ranking].name;
      comparison.differences.back().figure = name;
    };
    std::size_t largest_k = 0;
    for (const RecallAtK& recall : first.rankings[ranking].recalls) {
      largest_k = std::max(largest_k, recall.k);
      add("recall @" + std::to_string(recall.k), [&](const PhotoOutcome::Ranked& ranked) {
        return ranked.first_rank && *ranked.first_rank <= recall.k ? 1.0 : 0.0;
      });
    }
    add("mAP @" + std::to_string(largest_k),
        [](const PhotoOutcome::Ranked& ranked) { return ranked.average_precision; });
  }
  return comparison;
}

}  // namespace vitrine
