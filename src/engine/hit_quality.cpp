// SPDX-License-Identifier: MIT
#include "engine/hit_quality.h"

#include <algorithm>
#include <utility>

#include "engine/closest_names.h"
#include "vitrine/error.h"

namespace vitrine::engine {

void require_columns(std::span<const std::string> columns, const Catalog& catalog,
                     const std::string& attempt) {
  const std::vector<std::string> known = catalog.quality_columns();
  for (const std::string& column : columns) {
    if (std::find(known.begin(), known.end(), column) != known.end()) continue;
    std::string message = attempt;
    message.append(": the catalogue has no numeric column '").append(column).append("'");
    constexpr std::size_t kNumSuggestions = 3;
    const std::vector<std::string> similar = closest_names(column, known, kNumSuggestions);
    for (std::size_t i = 0; i < similar.size(); ++i)
      message.append(i == 0 ? "; similar ones: '" : ", '").append(similar[i]).append("'");
    throw Error(ErrorCode::kInvalidArgument, message);
  }
}

HitRanking::HitRanking(const QualityRanking& ranking, const QualityRanker* ranker, const Catalog& catalog)
    : ranking_(ranking),
      ranker_(ranking.use_trained ? ranker : nullptr),
      code_bits_(static_cast<double>(catalog.identity().code_bits)) {
  ranking.validate();
  std::string attempt = "cannot rank by quality";
  if (ranking.use_trained) {
    if (ranker == nullptr)
      throw Error(ErrorCode::kInvalidArgument, attempt + ": catalogue '" + catalog.folder().string() +
                                                   "' has no trained ranker; vitrine-train-ranker makes "
                                                   "one from clicks, or name columns and their weights");
    for (const ColumnScale& scale : ranker->scales()) columns_.push_back(scale.name);
    attempt += " as clicks have taught, train the ranker anew";
  } else {
    for (const QualityColumn& column : ranking.columns) columns_.push_back(column.name);
  }
  require_columns(columns_, catalog, attempt);
}

HitQuality HitRanking::values_of(const Item& item) const {
  HitQuality quality;
  for (const std::string& column : columns_) {
    const auto value = item.quality.find(column);
    quality.parts.push_back(
        {column, value == item.quality.end() ? std::nullopt : std::optional(value->second), 0.5, {}});
  }
  return quality;
}

void HitRanking::judge_by_columns(std::vector<Hit>& hits) const {
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    std::vector<std::optional<double>> values;
    values.reserve(hits.size());
    for (const Hit& hit : hits) values.push_back(hit.quality->parts[column].value);
    const std::vector<double> found = standings(values);
    for (std::size_t i = 0; i < hits.size(); ++i) hits[i].quality->parts[column].standing = found[i];
  }
  for (Hit& hit : hits) {
    std::vector<double> of_hit;
    for (const HitQualityPart& part : hit.quality->parts) of_hit.push_back(*part.standing);
    hit.quality->quality = quality_of(of_hit, ranking_.columns);
  }
}

void HitRanking::judge_by_ranker(std::vector<Hit>& hits) const {
  std::vector<RankerInput> inputs;
  double best = -1;
  for (const Hit& hit : hits) {
    RankerInput& input = inputs.emplace_back();
    input.cosine = hit.cosine;
    input.code_distance = hit.hamming / code_bits_;
    for (const HitQualityPart& part : hit.quality->parts) input.values.push_back(part.value);
    best = std::max(best, hit.cosine);
  }
  const std::vector<RankerJudgement> judgements = ranker_->judge(inputs);
  for (std::size_t i = 0; i < hits.size(); ++i) {
    const RankerJudgement& judgement = judgements[i];
    HitQuality& quality = *hits[i].quality;
    quality.quality = judgement.quality;
    quality.probability = judgement.probability;
    quality.target = ranker_->target();
    std::vector<HitQualityPart> parts;
    for (const double value : {inputs[i].cosine, best - inputs[i].cosine, inputs[i].code_distance})
      parts.push_back(
          {ranker_source_name(parts.size(), {}), value, {}, judgement.contributions[parts.size()]});
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      HitQualityPart& part = parts.emplace_back(std::move(quality.parts[column]));
      part.standing = judgement.standings[column];
      part.contribution = judgement.contributions[kNumVisualFeatures + column];
    }
    quality.parts = std::move(parts);
  }
}

void HitRanking::order(std::size_t k, std::vector<Hit>& hits) const {
  if (ranker_ != nullptr) {
    judge_by_ranker(hits);
  } else {
    judge_by_columns(hits);
  }
  std::vector<double> similarities;
  std::vector<double> qualities;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    HitQuality& quality = *hits[i].quality;
    quality.rank_score = hits[i].score + ranking_.strength * quality.quality;
    quality.similarity_rank = i + 1;
    similarities.push_back(hits[i].score);
    qualities.push_back(quality.quality);
  }
  std::vector<Hit> ordered;
  for (const std::size_t i : quality_order(similarities, qualities, ranking_)) {
    if (ordered.size() == k) break;
    ordered.push_back(std::move(hits[i]));
    ordered.back().rank = ordered.size();
  }
  hits = std::move(ordered);
}

}  // namespace vitrine::engine
