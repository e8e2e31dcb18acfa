// SPDX-License-Identifier: MIT
#include "common/result_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace vitrine::tools {
namespace {

using Json = nlohmann::ordered_json;

// Microseconds and similarities need no seventeen digits.
double rounded(double value, double steps_per_unit) {
  return std::round(value * steps_per_unit) / steps_per_unit;
}
double similarity(double value) {
  return rounded(value, 1e6);
}
double milliseconds(double value) {
  return rounded(value, 1e3);
}

Json quality_json(const HitQuality& quality) {
  Json parts = Json::array();
  for (const HitQualityPart& part : quality.parts) {
    parts.push_back({{"column", part.column},
                     {"value", part.value ? Json(*part.value) : Json(nullptr)},
                     {"standing", part.standing ? Json(similarity(*part.standing)) : Json(nullptr)}});
    if (part.contribution) parts.back()["contribution"] = similarity(*part.contribution);
  }
  Json object = {{"quality", similarity(quality.quality)},
                 {"rank_score", similarity(quality.rank_score)},
                 {"similarity_rank", quality.similarity_rank}};
  if (quality.probability && quality.target) {
    object["probability"] = similarity(*quality.probability);
    object["target"] = to_string(*quality.target);
  }
  object["parts"] = std::move(parts);
  return object;
}

Json hit_json(const Hit& hit) {
  Json object = {{"rank", hit.rank},         {"product", hit.product},
                 {"picture", hit.picture},   {"path", hit.path},
                 {"category", hit.category}, {"score", similarity(hit.score)},
                 {"hamming", hit.hamming},   {"cosine", similarity(hit.cosine)}};
  if (hit.probability) object["probability"] = similarity(*hit.probability);
  if (hit.quality) object["quality"] = quality_json(*hit.quality);
  for (const OtherPicture& other : hit.more) {
    object["more"].push_back({{"picture", other.picture},
                              {"path", other.path},
                              {"score", similarity(other.score)},
                              {"hamming", other.hamming}});
  }
  return object;
}

Json timings_json(const QueryAnswer& answer) {
  const StageTimings& stages = answer.result.timings;
  return {{"decode", milliseconds(answer.decode_ms)},     {"embed", milliseconds(stages.embed_ms)},
          {"filter", milliseconds(stages.filter_ms)},     {"hamming", milliseconds(stages.hamming_ms)},
          {"category", milliseconds(stages.category_ms)}, {"rerank", milliseconds(stages.rerank_ms)},
          {"fetch", milliseconds(stages.fetch_ms)},       {"total", milliseconds(answer.total_ms)}};
}

Json scores_json(const std::vector<CategoryScore>& scores) {
  Json list = Json::array();
  for (const CategoryScore& score : scores)
    list.push_back({{"name", score.name}, {"probability", similarity(score.probability)}});
  return list;
}

void add_result(Json& object, const SearchResult& result) {
  object["box"] = nullptr;
  if (const auto& box = result.box_px) object["box"] = {box->x0, box->y0, box->x1, box->y1};
  if (result.box_score) object["box_score"] = similarity(*result.box_score);
  object["categories"] = scores_json(result.categories);
  object["model_categories"] = scores_json(result.model_categories);
  object["search_categories"] = scores_json(result.search_categories);
  object["searched_categories"] = result.searched_categories;
  object["hits"] = Json::array();
  for (const Hit& hit : result.hits) {
    object["hits"].push_back(hit_json(hit));
  }
}

}  // namespace

std::string result_json(const QueryAnswer& answer, ResultGroups groups) {
  Json object = {{"schema", "vitrine.result/1"}, {"query", answer.query}};
  add_result(object, answer.result);
  if (groups == ResultGroups::kObjects) {
    object["objects"] = Json::array();
    for (const SearchResult& result : answer.objects) add_result(object["objects"].emplace_back(), result);
  }
  object["timings_ms"] = timings_json(answer);
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace vitrine::tools
