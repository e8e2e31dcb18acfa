// SPDX-License-Identifier: MIT
#include "common/result_csv.h"

#include <cstdio>

#include "base/csv_field.h"

namespace vitrine::tools {
namespace {

using base::csv_field;

// Of one list of hits; `object` ends every line, if there are objects at all.
std::string hit_lines(const std::string& query, const SearchResult& result, const std::string& object) {
  std::string text;
  for (const Hit& hit : result.hits) {
    char score[32];
    char distances[48];
    std::snprintf(score, sizeof score, "%.6f", hit.score);
    std::snprintf(distances, sizeof distances, "%u,%.6f", hit.hamming, hit.cosine);
    text += csv_field(query) + "," + std::to_string(hit.rank) + "," + score + "," + csv_field(hit.product) +
            "," + csv_field(hit.picture) + "," + csv_field(hit.category) + "," + csv_field(hit.path) + "," +
            distances + object + "\n";
  }
  return text;
}

}  // namespace

std::string result_csv_header(ResultGroups groups) {
  const std::string columns = "query,rank,score,product,picture,category,path,hamming,cosine";
  return columns + (groups == ResultGroups::kObjects ? ",object\n" : "\n");
}

std::string result_csv(const QueryAnswer& answer, ResultGroups groups) {
  if (groups == ResultGroups::kOne) return hit_lines(answer.query, answer.result, "");
  std::string text;
  for (std::size_t i = 0; i < answer.objects.size(); ++i)
    text += hit_lines(answer.query, answer.objects[i], "," + std::to_string(i + 1));
  return text + hit_lines(answer.query, answer.result, ",0");
}

}  // namespace vitrine::tools
