// SPDX-License-Identifier: MIT
#include "ranking/ranking_table.h"

#include <cstdio>
#include <functional>

#include "engine/bootstrap.h"

namespace vitrine::benchmarks {
namespace {

constexpr std::size_t kResamples = 1000;
constexpr std::uint64_t kSeed = 1;

using Figure = std::function<double(const PhotoFigures&)>;

double mean(const RankingFigures& figures, const Figure& figure) {
  double sum = 0;
  for (const PhotoFigures& photo : figures.photos) sum += figure(photo);
  return sum / static_cast<double>(figures.photos.size());
}

// "+9.1 (+8.2 to +9.9)", in per cent of `base`.
std::string difference(const RankingFigures& first, const RankingFigures& other, const Figure& figure,
                       double base) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < first.photos.size(); ++i)
    differences.push_back((figure(other.photos[i]) - figure(first.photos[i])) / base * 100);
  const Share share = engine::bootstrap_mean(differences, kResamples, kSeed);
  char text[64];
  std::snprintf(text, sizeof text, "%+.1f (%+.1f to %+.1f)", share.value, share.low, share.high);
  return text;
}

}  // namespace

Table ranking_table(const std::vector<RankingFigures>& rankings) {
  const Figure conversion = [](const PhotoFigures& photo) { return photo.conversion_20; };
  const Figure found_4 = [](const PhotoFigures& photo) { return photo.found_4 ? 1.0 : 0.0; };
  Table table{"rankings",
              "rankings of photos that were held back",
              {"ranking", "strength", "NDCG@10", "conversion@20, %", "against first, %", "recall@1, %",
               "recall@4, %", "against first, points", "recall@20, %"}};
  const RankingFigures& first = rankings.front();
  for (const RankingFigures& one : rankings) {
    table.rows.push_back(
        {one.ranking, Number{one.strength, 3},
         Number{mean(one, [](const PhotoFigures& photo) { return photo.ndcg_10; }), 3},
         Number{mean(one, conversion) * 100, 1}, difference(first, one, conversion, mean(first, conversion)),
         Number{mean(one, [](const PhotoFigures& photo) { return photo.found_1 ? 100.0 : 0.0; }), 1},
         Number{mean(one, found_4) * 100, 1}, difference(first, one, found_4, 1),
         Number{mean(one, [](const PhotoFigures& photo) { return photo.found_20 ? 100.0 : 0.0; }), 1}});
  }
  return table;
}

}  // namespace vitrine::benchmarks
