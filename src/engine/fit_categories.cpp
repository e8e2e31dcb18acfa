// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/candidate_search.h"
#include "engine/even_sample.h"
#include "engine/file_reader.h"
#include "engine/model_check.h"
#include "engine/row_filter.h"
#include "engine/search_table.h"
#include "engine/searchable_categories.h"
#include "vitrine/catalog_categories.h"
#include "vitrine/embed_pictures.h"
#include "vitrine/error.h"
#include "vitrine/rerank.h"

namespace vitrine {
namespace {

constexpr const char* kBlobName = "category-fusion";
// Codes nearest to the query, of which the features choose the voters, as in a search.
constexpr std::size_t kNumCandidates = 200;

// Turns pictures of known category into samples.
class SampleCollector {
 public:
  SampleCollector(const Catalog& catalog, const Embedder& embedder, const FitCategoriesOptions& options)
      : catalog_(catalog),
        embedder_(embedder),
        options_(options),
        table_(catalog),
        candidates_(catalog, table_),
        filter_(catalog, table_, {}, std::nullopt),
        search_categories_(engine::searchable_categories(catalog, table_)) {
    engine::check_model(catalog, embedder.info());
  }

  CatalogCategoryFit fit_photos(std::span<const IngestEntry> photos) {
    std::vector<std::string> paths;
    std::vector<std::string> categories;
    for (const IngestEntry& photo : photos) {
      if (photo.category.empty()) continue;
      paths.push_back(photo.path);
      categories.push_back(photo.category);
    }
    thin_out(paths);
    thin_out(categories);
    embed(paths, [&](const EmbeddedPicture& picture) {
      samples_.push_back({categories[picture.index], picture.embedding.category_probabilities,
                          neighbors_of(picture.embedding, stored_feature_of(paths[picture.index]))});
    });
    return fit(true);
  }

  CatalogCategoryFit fit_items() {
    std::vector<std::size_t> rows;
    for (const std::size_t row : table_.rows()) {
      const std::uint32_t category = table_.category_index(row);
      if (category < search_categories_.size() && !search_categories_[category].empty()) rows.push_back(row);
    }
    thin_out(rows);
    for (const std::size_t row : rows) {
      Embedding query;
      query.code = table_.index().code(table_.id(row)).value();
      query.feature = to_float({table_.feature(row), catalog_.identity().feature_dim});
      samples_.push_back(
          {search_categories_[table_.category_index(row)], {}, neighbors_of(query, table_.feature(row))});
    }
    if (model_knows_some()) ask_model(rows);
    return fit(false);
  }

 private:
  template <typename T>
  void thin_out(std::vector<T>& all) const {
    all = engine::even_sample(std::move(all), std::max<std::size_t>(options_.max_samples, 1));
  }

  bool model_knows_some() const {
    const std::vector<std::string>& names = embedder_.info().categories;
    return std::any_of(search_categories_.begin(), search_categories_.end(), [&](const std::string& name) {
      return !name.empty() && std::find(names.begin(), names.end(), name) != names.end();
    });
  }

  // Adds what the model says to the samples of these rows.
  void ask_model(const std::vector<std::size_t>& rows) {
    std::vector<std::string> paths;
    for (const std::size_t row : rows) {
      const std::optional<Item> item = catalog_.item(table_.id(row));
      paths.push_back(item ? item->path : std::string());
    }
    embed(paths, [&](const EmbeddedPicture& picture) {
      samples_[picture.index].model_probabilities = picture.embedding.category_probabilities;
    });
  }

  void embed(const std::vector<std::string>& paths,
             const std::function<void(const EmbeddedPicture&)>& on_embedded) {
    const auto take = [&](const EmbeddedPicture& picture) {
      if (picture.failure.empty()) {
        on_embedded(picture);
      } else {
        failures_.push_back({paths[picture.index], picture.failure});
      }
    };
    EmbedPicturesOptions embed_options;
    embed_options.num_threads = options_.num_threads;
    embed_options.on_progress = options_.on_progress;
    embed_options.should_stop = options_.should_stop;
    if (!embed_pictures(embedder_, paths, take, embed_options))
      throw Error(ErrorCode::kResource, "fitting the prediction of categories was stopped");
  }

  // Where the catalogue keeps the feature of this file's content, if it does.
  const Half* stored_feature_of(const std::string& path) const {
    const auto content = engine::read_file(path, std::numeric_limits<std::uint64_t>::max());
    const std::optional<ItemId> id = catalog_.find_by_hash(content_hash(content.bytes));
    const std::optional<std::size_t> row = id ? table_.row_of(*id) : std::nullopt;
    return row ? table_.feature(*row) : nullptr;
  }

  // Without rows of the feature at `own`: they show the query itself.
  std::vector<CategoryNeighbor> neighbors_of(const Embedding& query, const Half* own) const {
    constexpr double kTargetRecall = 0.99;
    const std::size_t count = std::max(kNumCandidates, 4 * options_.num_neighbors);
    auto found = candidates_.nearest(query, count, kTargetRecall, filter_);
    candidates_.rank_by_cosine(query, count, found);
    std::erase_if(found, [&](const engine::Candidate& candidate) {
      return own != nullptr && table_.feature(candidate.row) == own;
    });
    return candidates_.votes(found);
  }

  CatalogCategoryFit fit(bool samples_are_new) {
    CategoryFitOptions fit_options;
    fit_options.num_neighbors = options_.num_neighbors;
    fit_options.samples_are_new = samples_are_new;
    return {fit_category_fusion(samples_, embedder_.info().categories, search_categories_, fit_options),
            std::move(failures_)};
  }

  const Catalog& catalog_;
  const Embedder& embedder_;
  const FitCategoriesOptions& options_;
  const engine::SearchTable table_;
  const engine::CandidateSearch candidates_;
  const engine::RowFilter filter_;
  const std::vector<std::string> search_categories_;
  std::vector<CategorySample> samples_;
  std::vector<IngestFailure> failures_;
};

std::vector<std::string> only_in_first(std::vector<std::string> first, std::vector<std::string> second) {
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  std::vector<std::string> result;
  std::set_difference(first.begin(), first.end(), second.begin(), second.end(), std::back_inserter(result));
  std::erase(result, "");
  return result;
}

}  // namespace

CatalogCategoryFit fit_categories(const Catalog& catalog, const Embedder& embedder,
                                  std::span<const IngestEntry> photos, const FitCategoriesOptions& options) {
  return SampleCollector(catalog, embedder, options).fit_photos(photos);
}

CatalogCategoryFit fit_categories(const Catalog& catalog, const Embedder& embedder,
                                  const FitCategoriesOptions& options) {
  return SampleCollector(catalog, embedder, options).fit_items();
}

void store_category_fusion(Catalog& catalog, const CategoryFusion& fusion) {
  fusion.validate();
  catalog.set_blob(kBlobName, fusion.to_bytes());
}

std::optional<CategoryFusion> stored_category_fusion(const Catalog& catalog) {
  const auto bytes = catalog.blob(kBlobName);
  if (!bytes) return std::nullopt;
  return CategoryFusion::from_bytes(*bytes);
}

CategoryChanges category_changes(const CategoryFusion& fusion, const Catalog& catalog) {
  std::vector<std::string> now;
  for (const auto& [name, num_items] : catalog.stats().categories) {
    if (num_items > 0) now.push_back(name);
  }
  return {only_in_first(now, fusion.search_categories), only_in_first(fusion.search_categories, now)};
}

}  // namespace vitrine
