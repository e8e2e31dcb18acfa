// SPDX-License-Identifier: MIT
#include "vitrine/engine.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/category_scores.h"
#include "engine/model_check.h"
#include "engine/row_filter.h"
#include "engine/search_table.h"
#include "vitrine/binarized_embedder.h"
#include "vitrine/error.h"
#include "vitrine/rerank.h"

namespace vitrine {
namespace {

/// Neighbours that vote for the category where the model has no say.
constexpr std::size_t kNumVoters = 30;

/// Measures from its construction or the last lap.
class Stopwatch {
 public:
  double lap_ms() {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double, std::milli>(now - std::exchange(start_, now)).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// A row on its way to becoming a hit.
struct Candidate {
  std::size_t row = 0;
  unsigned hamming = 0;
  double cosine = 0;
};

}  // namespace

struct Engine::Impl {
  Impl(Catalog opened, EngineOptions engine_options, std::shared_ptr<const Embedder> hosts_embedder)
      : catalog(std::move(opened)),
        table(catalog),
        options(std::move(engine_options)),
        embedder(std::move(hosts_embedder)) {
    if (embedder) engine::check_model(catalog, embedder->info());
  }

  const Embedder& loaded_embedder() const {
    // Not std::call_once: after an exception it hangs under ThreadSanitizer.
    const std::lock_guard lock(embedder_mutex);
    if (embedder) return *embedder;
    const std::filesystem::path model = options.model.empty() ? catalog.model_path() : options.model;
    if (model.empty())
      throw Error(ErrorCode::kNotFound, "cannot embed the photo: catalogue '" + catalog.folder().string() +
                                            "' holds no model; name one in EngineOptions::model");
    std::shared_ptr<const Embedder> loaded = options.load
                                                 ? options.load(model, options.precision)
                                                 : load_embedder(model, {.precision = options.precision});
    if (std::optional<Binarizer> binarizer = stored_binarizer(catalog))
      loaded = with_binarizer(std::move(loaded), *std::move(binarizer));
    engine::check_model(catalog, loaded->info());
    embedder = std::move(loaded);
    return *embedder;
  }

  void check_query(const Embedding& query) const;
  SearchResult search(const Embedding& query, const SearchOptions& search_options,
                      std::optional<ItemId> excluded) const;
  std::vector<Candidate> candidates(const Embedding& query, const SearchOptions& search_options,
                                    const engine::RowFilter& filter) const;
  void rank_by_cosine(const Embedding& query, bool reorder, std::size_t num_wanted,
                      std::vector<Candidate>& found) const;
  std::vector<CategoryScore> categories_of(const Embedding& query,
                                           const std::vector<Candidate>& ranked) const;
  Hit hit_of(const Candidate& candidate, std::size_t rank) const;

  Catalog catalog;
  engine::SearchTable table;
  EngineOptions options;
  mutable std::mutex embedder_mutex;
  mutable std::shared_ptr<const Embedder> embedder;  ///< set once
};

void Engine::Impl::check_query(const Embedding& query) const {
  const CatalogIdentity& identity = catalog.identity();
  const auto compare = [](std::string_view what, std::size_t expected, std::size_t found) {
    if (expected != found)
      throw Error(ErrorCode::kInvalidArgument, "cannot search with this embedding: expected " +
                                                   std::string(what) + " " + std::to_string(expected) +
                                                   ", found " + std::to_string(found));
  };
  compare("feature length", identity.feature_dim, query.feature.size());
  compare("code length in bytes", identity.code_bits / 8, query.code.size());
  if (!std::all_of(query.feature.begin(), query.feature.end(), [](float x) { return std::isfinite(x); }))
    throw Error(ErrorCode::kInvalidArgument, "cannot search with this embedding: the feature is not finite");
}

SearchResult Engine::Impl::search(const Embedding& query, const SearchOptions& search_options,
                                  std::optional<ItemId> excluded) const {
  if (search_options.k == 0)
    throw Error(ErrorCode::kInvalidArgument, "cannot search for k = 0 hits; ask for at least 1");
  check_query(query);
  SearchResult result;
  Stopwatch stopwatch;
  const engine::RowFilter filter(catalog, table, search_options, excluded);
  result.timings.filter_ms = stopwatch.lap_ms();

  std::vector<Candidate> found = candidates(query, search_options, filter);
  result.timings.hamming_ms = stopwatch.lap_ms();

  rank_by_cosine(query, search_options.rerank_candidates > 0, std::max(search_options.k, kNumVoters), found);
  result.categories = categories_of(query, found);
  result.timings.rerank_ms = stopwatch.lap_ms();

  if (found.size() > search_options.k) found.resize(search_options.k);
  for (const Candidate& candidate : found) result.hits.push_back(hit_of(candidate, result.hits.size() + 1));
  result.timings.fetch_ms = stopwatch.lap_ms();
  return result;
}

std::vector<Candidate> Engine::Impl::candidates(const Embedding& query, const SearchOptions& search_options,
                                                const engine::RowFilter& filter) const {
  if (table.size() == 0) return {};
  HammingSearchOptions hamming;
  const std::size_t k = std::min(search_options.k, table.size());  // so that 4 k cannot overflow
  hamming.k = std::max(k, kNumVoters);
  if (search_options.rerank_candidates > 0)
    hamming.k = std::max({hamming.k, 4 * k, search_options.rerank_candidates});
  hamming.k = std::min(hamming.k, table.size());
  hamming.target_recall = search_options.target_recall;
  filter.restrict(hamming);
  std::vector<Candidate> found;
  for (const Neighbor& neighbor : table.index().search(query.code, hamming)) {
    const auto row = table.row_of(neighbor.id);
    if (!row)
      throw Error(ErrorCode::kCorrupt,
                  "cannot search in '" + catalog.folder().string() + "': '" +
                      engine::SearchTable::file(catalog).string() +
                      "' does not fit the catalogue; delete that file, it will be made anew");
    found.push_back({*row, neighbor.distance, 0});
  }
  return found;
}

void Engine::Impl::rank_by_cosine(const Embedding& query, bool reorder, std::size_t num_wanted,
                                  std::vector<Candidate>& found) const {
  if (!reorder) {
    for (Candidate& candidate : found) candidate.cosine = dot(query.feature, table.feature(candidate.row));
    return;
  }
  std::vector<const Half*> features;
  features.reserve(found.size());
  for (const Candidate& candidate : found) features.push_back(table.feature(candidate.row));
  std::vector<Candidate> ranked;
  for (const RankedCandidate& best : rerank_by_cosine(query.feature, features, num_wanted)) {
    ranked.push_back(found[best.candidate_index]);
    ranked.back().cosine = best.cosine;
  }
  found = std::move(ranked);
}

std::vector<CategoryScore> Engine::Impl::categories_of(const Embedding& query,
                                                       const std::vector<Candidate>& ranked) const {
  const std::vector<std::string>& known = catalog.category_names();
  if (!query.category_probabilities.empty()) {
    const std::vector<std::string>& names = loaded_embedder().info().categories;
    const bool speaks_of_catalog = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return std::find(known.begin(), known.end(), name) != known.end();
    });
    if (speaks_of_catalog && names.size() == query.category_probabilities.size())
      return engine::best_categories(query.category_probabilities, names);
  }
  std::vector<engine::CategoryVote> votes;
  for (std::size_t i = 0; i < std::min(ranked.size(), kNumVoters); ++i) {
    const std::uint32_t category_index = table.category_index(ranked[i].row);
    if (category_index < known.size()) votes.push_back({known[category_index], ranked[i].cosine});
  }
  return engine::vote_for_categories(votes);
}

Hit Engine::Impl::hit_of(const Candidate& candidate, std::size_t rank) const {
  const ItemId id = table.id(candidate.row);
  std::optional<Item> item = catalog.item(id);
  if (!item)
    throw Error(ErrorCode::kInternal, "catalogue '" + catalog.folder().string() +
                                          "' has a row but no item of id " + std::to_string(id));
  Hit hit;
  hit.rank = rank;
  hit.id = id;
  hit.product = std::move(item->key.product);
  hit.picture = std::move(item->key.picture);
  hit.path = std::move(item->path);
  hit.category = std::move(item->category);
  hit.score = std::clamp(candidate.cosine, 0.0, 1.0);
  hit.hamming = candidate.hamming;
  hit.cosine = candidate.cosine;
  return hit;
}

Engine Engine::open(const std::filesystem::path& folder, const EngineOptions& options) {
  std::error_code ignored;
  if (!options.model.empty() && !std::filesystem::exists(options.model, ignored))
    throw Error(ErrorCode::kNotFound,
                "cannot open model '" + options.model.string() + "': there is no such file");
  return Engine(std::make_unique<Impl>(Catalog::open(folder), options, nullptr));
}

Engine Engine::open(const std::filesystem::path& folder, std::shared_ptr<const Embedder> embedder) {
  if (!embedder) throw Error(ErrorCode::kInvalidArgument, "cannot open a catalogue with a null embedder");
  return Engine(std::make_unique<Impl>(Catalog::open(folder), EngineOptions{}, std::move(embedder)));
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

SearchResult Engine::search(const Image& photo, const SearchOptions& options) const {
  const Embedder& embedder = impl_->loaded_embedder();  // loading the network is not this search's time
  if (photo.empty()) throw Error(ErrorCode::kInvalidArgument, "cannot search with an empty picture");
  Stopwatch stopwatch;
  const std::span<const Image> photos(&photo, 1);
  const std::vector<Embedding> query =
      options.box_px ? embedder.embed_boxes(photos, std::span(&*options.box_px, 1)) : embedder.embed(photos);
  if (query.size() != 1)
    throw Error(ErrorCode::kInternal,
                "the embedder returned " + std::to_string(query.size()) + " embeddings for one picture");
  const double embed_ms = stopwatch.lap_ms();
  SearchResult result = impl_->search(query.front(), options, std::nullopt);
  result.timings.embed_ms = embed_ms;
  if (options.box_px) {
    result.box_px = options.box_px->clipped(photo.source_width_px(), photo.source_height_px());
  } else if (query.front().box_px) {
    result.box_px = query.front().box_px;
    result.box_score = query.front().box_score;
  }
  return result;
}

ObjectResults Engine::search_objects(const Image& photo, const DetectionOptions& detection,
                                     const SearchOptions& options) const {
  if (options.box_px)
    throw Error(ErrorCode::kInvalidArgument,
                "cannot search with the products of a photo and with a given region at once");
  const Embedder& embedder = impl_->loaded_embedder();
  if (photo.empty()) throw Error(ErrorCode::kInvalidArgument, "cannot search with an empty picture");
  Stopwatch stopwatch;
  const std::vector<FoundBox> found = embedder.find_boxes(photo, detection);
  const double find_ms = stopwatch.lap_ms();
  SearchOptions part = options;
  part.box_px = kWholePicture;
  ObjectResults results{.whole = search(photo, part), .objects = {}};
  results.whole.box_px.reset();
  results.whole.timings.embed_ms += find_ms;
  for (const FoundBox& box : found) {
    part.box_px = box.box_px;
    results.objects.push_back(search(photo, part));
    results.objects.back().box_score = box.score;
  }
  return results;
}

SearchResult Engine::search(const Embedding& query, const SearchOptions& options) const {
  return impl_->search(query, options, std::nullopt);
}

SearchResult Engine::search_item(const ItemKey& key, const SearchOptions& options) const {
  const std::optional<ItemId> id = impl_->catalog.find(key);
  const std::optional<std::size_t> row = id ? impl_->table.row_of(*id) : std::nullopt;
  if (!row)
    throw Error(ErrorCode::kNotFound, "the catalogue has no item of product '" + key.product +
                                          "' with picture '" + key.picture + "'");
  Embedding query;
  query.code = impl_->table.index().code(*id).value();
  query.feature = to_float({impl_->table.feature(*row), impl_->catalog.identity().feature_dim});
  return impl_->search(query, options, id);
}

std::size_t Engine::size() const {
  return impl_->table.size();
}
const Catalog& Engine::catalog() const {
  return impl_->catalog;
}
const Embedder& Engine::embedder() const {
  return impl_->loaded_embedder();
}

}  // namespace vitrine
