// SPDX-License-Identifier: MIT
#include "common/result_csv.h"

#include <cstdio>
#include <string_view>

namespace vitrine::tools {
namespace {

std::string csv_field(std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    return std::string(field);
  }
  std::string text = "\"";
  for (const char c : field) {
    text += c == '"' ? std::string("\"\"") : std::string(1, c);
  }
  return text + "\"";
}

}  // namespace

std::string result_csv_header() {
  return "query,rank,score,product,picture,category,path,hamming,cosine\n";
}

std::string result_csv(const QueryAnswer& answer) {
  std::string text;
  for (const Hit& hit : answer.result.hits) {
    char score[32];
    char distances[48];
    std::snprintf(score, sizeof score, "%.6f", hit.score);
    std::snprintf(distances, sizeof distances, "%u,%.6f", hit.hamming, hit.cosine);
    text += csv_field(answer.query) + "," + std::to_string(hit.rank) + "," + score + "," +
            csv_field(hit.product) + "," + csv_field(hit.picture) + "," + csv_field(hit.category) + "," +
            csv_field(hit.path) + "," + distances + "\n";
  }
  return text;
}

}  // namespace vitrine::tools
