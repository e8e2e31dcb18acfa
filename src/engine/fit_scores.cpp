// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "engine/even_sample.h"
#include "vitrine/catalog_scores.h"
#include "vitrine/embed_pictures.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

constexpr const char* kBlobName = "score-calibration";
constexpr const char* kProductBlobName = "product-score-calibration";
constexpr std::size_t kNumBins = 10;
// Hits as near as this are the query itself.
constexpr double kSamePicture = 1 - 1e-6;

SearchOptions search_options(const FitScoresOptions& options) {
  SearchOptions search;
  search.k = options.num_hits;
  search.category_mass = 1;
  return search;
}

ScoreReliability reliability_of_pairs(std::span<const ScoredPair> pairs, std::span<const double> held_back) {
  std::vector<bool> is_same;
  for (const ScoredPair& pair : pairs) is_same.push_back(pair.is_same);
  ScoreReliability result;
  result.num_hits = pairs.size();
  result.num_same = static_cast<std::size_t>(std::count(is_same.begin(), is_same.end(), true));
  result.bins = reliability_of(held_back, is_same, kNumBins);
  result.expected_error = expected_calibration_error(result.bins);
  return result;
}

template <typename T>
std::vector<T> joined(std::vector<T> first, const std::vector<T>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// Gathers pairs of queries and their hits.
class PairCollector {
 public:
  explicit PairCollector(const FitScoresOptions& options) : options_(search_options(options)) {}

  /// `search` runs a search of the query that shows this product.
  template <typename Search>
  void add(const std::string& product, const Search& search) {
    SearchOptions options = options_;
    take(search(options), product, pairs_, pairs_);
    options.group_by_product = true;
    take(search(options), product, first_products_, further_products_);
    ++num_queries_;
  }

  CatalogScoreFit fit(std::vector<IngestFailure> failures) const {
    const ScoreCalibrationFit fitted = fit_score_calibration(pairs_);
    const ScoreReliability reliability = reliability_of_pairs(pairs_, fitted.held_back);
    CatalogScoreFit result;
    result.calibration = fitted.calibration;
    result.num_queries = num_queries_;
    result.num_same = reliability.num_same;
    result.reliability = reliability.bins;
    result.expected_error = reliability.expected_error;
    result.products = fit_products();
    result.failures = std::move(failures);
    return result;
  }

 private:
  void take(const SearchResult& result, const std::string& product, std::vector<ScoredPair>& first,
            std::vector<ScoredPair>& behind) const {
    for (const Hit& hit : result.hits) {
      if (hit.cosine > kSamePicture) continue;
      (hit.rank == 1 ? first : behind).push_back({hit.cosine, hit.product == product, num_queries_});
    }
  }

  ProductScoreFit fit_products() const {
    const ProductScoreCalibrationFit fitted =
        fit_product_score_calibration(first_products_, further_products_);
    return {fitted.calibration(), reliability_of_pairs(first_products_, fitted.first.held_back),
            reliability_of_pairs(further_products_, fitted.behind.held_back),
            reliability_of_pairs(joined(first_products_, further_products_),
                                 joined(fitted.first.held_back, fitted.behind.held_back))};
  }

  SearchOptions options_;
  std::vector<ScoredPair> pairs_;
  std::vector<ScoredPair> first_products_;    // first hits of searches grouped by products
  std::vector<ScoredPair> further_products_;  // the other hits of these
  std::size_t num_queries_ = 0;
};

void require_hits(const FitScoresOptions& options) {
  if (options.num_hits == 0 || options.max_samples == 0)
    throw Error(ErrorCode::kInvalidArgument,
                "cannot calibrate scores: num_hits and max_samples must be above 0");
}

}  // namespace

CatalogScoreFit fit_scores(const Engine& engine, std::span<const IngestEntry> photos,
                           const FitScoresOptions& options) {
  require_hits(options);
  const Engine shop = engine.snapshot();
  std::vector<IngestFailure> failures;
  std::vector<const IngestEntry*> known;
  for (const IngestEntry& photo : photos) {
    if (shop.catalog()->items_of(photo.key.product).empty()) {
      failures.push_back({photo.path, "the catalogue has no product '" + photo.key.product + "'"});
    } else {
      known.push_back(&photo);
    }
  }
  if (known.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot calibrate scores: none of " + std::to_string(photos.size()) +
                    " photos shows a product of the catalogue; their column 'product' must name it as the "
                    "catalogue does");
  }
  known = engine::even_sample(std::move(known), options.max_samples);
  std::vector<std::string> paths;
  for (const IngestEntry* photo : known) paths.push_back(photo->path);
  PairCollector pairs(options);
  const auto take = [&](const EmbeddedPicture& picture) {
    if (picture.failure.empty()) {
      pairs.add(known[picture.index]->key.product,
                [&](const SearchOptions& search) { return shop.search(picture.embedding, search); });
    } else {
      failures.push_back({paths[picture.index], picture.failure});
    }
  };
  EmbedPicturesOptions embed_options;
  embed_options.num_threads = options.num_threads;
  embed_options.on_progress = options.on_progress;
  embed_options.should_stop = options.should_stop;
  if (!embed_pictures(shop.embedder(), paths, take, embed_options))
    throw Error(ErrorCode::kResource, "the calibration of scores was stopped");
  return pairs.fit(std::move(failures));
}

CatalogScoreFit fit_scores(const Engine& engine, const FitScoresOptions& options) {
  require_hits(options);
  const Engine shop = engine.snapshot();
  std::map<std::string, std::vector<ItemKey>> pictures;  // of each product
  shop.catalog()->for_each_row([&](const Catalog::Row& row) {
    if (const std::optional<Item> item = shop.catalog()->item(row.id))
      pictures[item->key.product].push_back(item->key);
  });
  std::vector<ItemKey> queries;
  for (auto& [product, keys] : pictures) {
    if (keys.size() >= 2) queries.insert(queries.end(), keys.begin(), keys.end());
  }
  if (queries.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot calibrate scores with the catalogue's own items: no product has two pictures; give "
                "photos whose product is known");
  }
  PairCollector pairs(options);
  for (const ItemKey& key : engine::even_sample(std::move(queries), options.max_samples)) {
    if (options.should_stop && options.should_stop())
      throw Error(ErrorCode::kResource, "the calibration of scores was stopped");
    pairs.add(key.product, [&](const SearchOptions& search) { return shop.search_item(key, search); });
  }
  return pairs.fit({});
}

void store_score_calibration(Catalog& catalog, const ScoreCalibration& calibration) {
  catalog.set_blob(kBlobName, calibration.to_bytes());
}

void store_product_score_calibration(Catalog& catalog, const ProductScoreCalibration& calibration) {
  catalog.set_blob(kProductBlobName, calibration.to_bytes());
}

std::optional<ScoreCalibration> stored_score_calibration(const Catalog& catalog) {
  const auto bytes = catalog.blob(kBlobName);
  if (!bytes) return std::nullopt;
  return ScoreCalibration::from_bytes(*bytes);
}

std::optional<ProductScoreCalibration> stored_product_score_calibration(const Catalog& catalog) {
  const auto bytes = catalog.blob(kProductBlobName);
  if (!bytes) return std::nullopt;
  return ProductScoreCalibration::from_bytes(*bytes);
}

}  // namespace vitrine
