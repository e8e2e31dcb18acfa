// SPDX-License-Identifier: MIT
#include "engine/hit_quality.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/closest_names.h"
#include "vitrine/error.h"

namespace vitrine::engine {

void check_columns(const QualityRanking& ranking, const Catalog& catalog) {
  ranking.validate();
  const std::vector<std::string> known = catalog.quality_columns();
  for (const QualityColumn& column : ranking.columns) {
    if (std::find(known.begin(), known.end(), column.name) != known.end()) continue;
    std::string message = "cannot rank by quality: the catalogue has no numeric column '" + column.name + "'";
    constexpr std::size_t kNumSuggestions = 3;
    const std::vector<std::string> similar = closest_names(column.name, known, kNumSuggestions);
    for (std::size_t i = 0; i < similar.size(); ++i)
      message += (i == 0 ? "; similar ones: '" : ", '") + similar[i] + "'";
    throw Error(ErrorCode::kInvalidArgument, message);
  }
}

HitQuality quality_values(const QualityRanking& ranking, const Item& item) {
  HitQuality quality;
  for (const QualityColumn& column : ranking.columns) {
    const auto value = item.quality.find(column.name);
    quality.parts.push_back(
        {column.name, value == item.quality.end() ? std::nullopt : std::optional(value->second), 0.5});
  }
  return quality;
}

void rank_by_quality(const QualityRanking& ranking, std::size_t k, std::vector<Hit>& hits) {
  for (std::size_t column = 0; column < ranking.columns.size(); ++column) {
    std::vector<std::optional<double>> values;
    for (const Hit& hit : hits) values.push_back(hit.quality->parts[column].value);
    const std::vector<double> found = standings(values);
    for (std::size_t i = 0; i < hits.size(); ++i) hits[i].quality->parts[column].standing = found[i];
  }
  std::vector<double> similarities;
  std::vector<double> qualities;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    std::vector<double> of_hit;
    for (const HitQualityPart& part : hits[i].quality->parts) of_hit.push_back(part.standing);
    HitQuality& quality = *hits[i].quality;
    quality.quality = quality_of(of_hit, ranking.columns);
    quality.rank_score = hits[i].score + ranking.strength * quality.quality;
    quality.similarity_rank = i + 1;
    similarities.push_back(hits[i].score);
    qualities.push_back(quality.quality);
  }
  std::vector<Hit> ordered;
  for (const std::size_t i : quality_order(similarities, qualities, ranking.strength)) {
    if (ordered.size() == k) break;
    ordered.push_back(std::move(hits[i]));
    ordered.back().rank = ordered.size();
  }
  hits = std::move(ordered);
}

}  // namespace vitrine::engine
