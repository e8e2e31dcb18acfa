// SPDX-License-Identifier: MIT
// What ordering by quality is worth, in a simulated market: users click and buy by relevance and by a hidden
// quality that the catalogue's columns tell with noise. A ranker learns from their clicks and is judged on
// photos and sessions that it has not seen. docs/ranking.md has the figures.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "index/table.h"
#include "ranking/ranking_table.h"
#include "ranking/shopper.h"
#include "ranking/simulated_shop.h"
#include "vitrine/catalog_ranker.h"
#include "vitrine/click_log.h"
#include "vitrine/embed_pictures.h"
#include "vitrine/engine.h"
#include "vitrine/ingest.h"
#include "vitrine/train_ranker.h"

namespace vitrine::benchmarks {
namespace {

constexpr std::size_t kPage = 20;
constexpr std::size_t kRanked = 60;
constexpr std::uint64_t kViewStream = std::uint64_t{1} << 41;
constexpr double kStrengths[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1};
constexpr double kViewsPerSession = 4;
constexpr double kStartS = 1'767'225'600;

struct Photo {
  std::string path, product, category;
  Embedding embedding;
};

struct Setting {
  std::filesystem::path work;  ///< gets a copy of the catalogue and the log
  std::size_t views_per_photo = 6;
  std::uint64_t seed = 1;
};

std::vector<Photo> embed(const Engine& engine, const std::string& manifest) {
  std::vector<Photo> photos;
  std::vector<std::string> paths;
  for (const IngestEntry& entry : read_manifest(manifest).entries) {
    photos.push_back({std::filesystem::absolute(entry.path).string(), entry.key.product, entry.category, {}});
    paths.push_back(photos.back().path);
  }
  embed_pictures(engine.embedder(), paths, [&](const EmbeddedPicture& picture) {
    if (!picture.failure.empty()) throw std::runtime_error(paths[picture.index] + ": " + picture.failure);
    photos[picture.index].embedding = picture.embedding;
  });
  return photos;
}

std::vector<Offer> offers(const SearchResult& result, const Photo& photo, const HiddenQuality& hidden) {
  std::vector<Offer> page;
  for (const Hit& hit : result.hits) {
    const auto relevance = hit.product == photo.product     ? Offer::Relevance::kSameProduct
                           : hit.category == photo.category ? Offer::Relevance::kSameCategory
                                                            : Offer::Relevance::kOther;
    page.push_back({relevance, hidden.at(hit.id)});
  }
  return page;
}

// Every photo is searched for, by similarity, `views_per_photo` times.
void write_log(const Engine& engine, const std::vector<Photo>& photos, const HiddenQuality& hidden,
               const Setting& setting, const std::filesystem::path& file) {
  ClickLogWriter log(file);
  Random random(setting.seed, kViewStream);
  std::size_t num_views = 0;
  for (std::size_t round = 0; round < setting.views_per_photo; ++round) {
    for (const Photo& photo : photos) {
      const SearchResult result = engine.search(photo.embedding, {.k = kPage});
      const std::vector<Reaction> made = reactions(offers(result, photo, hidden), random);
      PageView view;
      view.session = "s" + std::to_string(static_cast<std::size_t>(num_views / kViewsPerSession));
      view.time_s = kStartS + static_cast<double>(num_views++);
      view.query = photo.path;
      for (std::size_t i = 0; i < made.size(); ++i) {
        const Hit& hit = result.hits[i];
        view.items.push_back({hit.product + '/' + hit.picture, i + 1, made[i].clicked,
                              hit.product == photo.product, made[i].bought});
      }
      log.write(view);
    }
  }
  log.close();
}

RankingFigures measure(const Engine& engine, const std::vector<Photo>& photos, const HiddenQuality& hidden,
                       const std::string& name, const std::optional<QualityRanking>& quality) {
  RankingFigures figures{name, quality ? quality->strength : 0, {}};
  for (const Photo& photo : photos) {
    const auto page = offers(engine.search(photo.embedding, {.k = kPage, .quality = quality}), photo, hidden);
    const auto all = offers(engine.search(photo.embedding, {.k = kRanked}), photo, hidden);
    const auto same = std::find_if(page.begin(), page.end(), [](const Offer& offer) {
      return offer.relevance == Offer::Relevance::kSameProduct;
    });
    const auto rank = static_cast<std::size_t>(same - page.begin()) + 1;
    const bool is_there = same != page.end();
    figures.photos.push_back(
        {ndcg(page, all, 10), conversion(page), is_there && rank <= 1, is_there && rank <= 4, is_there});
  }
  return figures;
}

int run(const std::filesystem::path& shop, const std::string& manifest, const Setting& setting) {
  const std::filesystem::path catalog = setting.work / "market.vitrine";
  const std::filesystem::path log = setting.work / "clicks.jsonl";
  std::filesystem::create_directories(setting.work);
  std::filesystem::remove_all(catalog);
  std::filesystem::copy(shop, catalog, std::filesystem::copy_options::recursive);
  const HiddenQuality hidden = make_market(catalog, setting.seed);
  std::vector<Photo> teaching, judging;
  {
    const Engine engine = Engine::open(catalog);
    std::vector<Photo> photos = embed(engine, manifest);
    // Every third photo judges: pictures of one product stand together in a list.
    for (std::size_t i = 0; i < photos.size(); ++i)
      (i % 3 == 0 ? judging : teaching).push_back(std::move(photos[i]));
    write_log(engine, teaching, hidden, setting, log);
    const TrainedRanker trained =
        train_ranker(*engine.catalog(), engine.embedder(), std::span(&log, 1), {.seed = setting.seed});
    Catalog writer = Catalog::open(catalog, Catalog::Mode::kReadWrite);
    store_quality_ranker(writer, trained.ranker);
    writer.commit();
    std::cout << teaching.size() << " photos, " << trained.report.num_views << " page views and "
              << trained.report.num_positives << " purchases to learn from; " << trained.report.num_trees
              << " trees; " << judging.size() << " photos held back\n\n";
  }
  const Engine engine = Engine::open(catalog);
  std::vector<RankingFigures> rankings = {measure(engine, judging, hidden, "similarity", {})};
  // What somebody might try who knows the columns but has seen no clicks.
  const std::vector<QualityColumn> by_hand = {{"sales", 1}, {"conversion", 1}, {"rating", 1}, {"price", -1}};
  for (const double strength : kStrengths)
    rankings.push_back(measure(engine, judging, hidden, "by hand",
                               QualityRanking{.columns = by_hand, .strength = strength}));
  for (const double strength : kStrengths)
    rankings.push_back(measure(engine, judging, hidden, "trained",
                               QualityRanking{.strength = strength, .use_trained = true}));
  // What the bound by places costs and keeps.
  for (const double strength : kStrengths)
    rankings.push_back(measure(engine, judging, hidden, "trained, any fall",
                               QualityRanking{.strength = strength, .max_fall = 0, .use_trained = true}));
  print(ranking_table(rankings), std::cout);
  return 0;
}

}  // namespace
}  // namespace vitrine::benchmarks

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if (words.size() >= 3 && words.size() <= 5) {
      vitrine::benchmarks::Setting setting{.work = words[2]};
      if (words.size() > 3) setting.views_per_photo = std::stoul(words[3]);
      if (words.size() > 4) setting.seed = std::stoull(words[4]);
      return vitrine::benchmarks::run(words[0], words[1], setting);
    }
  } catch (const std::exception& error) {
    std::cerr << "vitrine-ranking-benchmark: " << error.what() << "\n";
    return 3;
  }
  std::cerr << "usage: vitrine-ranking-benchmark SHOP PHOTOS.csv WORK-FOLDER [VIEWS-PER-PHOTO [SEED]]\n";
  return 2;
}
