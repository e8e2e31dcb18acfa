// SPDX-License-Identifier: MIT
#include "vitrine/engine.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/candidate_search.h"
#include "engine/category_opinions.h"
#include "engine/hit_quality.h"
#include "engine/model_check.h"
#include "engine/newest_view.h"
#include "engine/product_groups.h"
#include "engine/query_embedder.h"
#include "engine/row_filter.h"
#include "engine/search_table.h"
#include "vitrine/catalog_ranker.h"
#include "vitrine/catalog_scores.h"
#include "vitrine/error.h"
#include "vitrine/rerank.h"

namespace vitrine {
namespace {

/// Most categories that a result lists.
constexpr std::size_t kMaxCategoryScores = 5;

/// Fewest codes to compare by their features, so that the category has its voters.
constexpr std::size_t kNumVoters = 30;
/// Codes of which the voters are chosen where nothing but the category is asked for.
constexpr std::size_t kNumVoteCandidates = 200;

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

/// A photo as the model sees it.
struct SeenPhoto {
  Embedding embedding;
  std::optional<BoxPx> box_px;
  std::optional<double> box_score;
  double embed_ms = 0;
};

/// How the voters are found where the search itself would take long, or is not wanted.
SearchOptions voting_options(SearchOptions search_options) {
  search_options.k = 1;
  search_options.quality.reset();
  search_options.rerank_candidates = kNumVoteCandidates;
  search_options.target_recall = SearchOptions{}.target_recall;
  return search_options;
}

/// Quality chooses among more than are wanted.
std::size_t num_hits_looked_at(const SearchOptions& options) {
  return options.quality ? std::max(options.k, options.quality->num_ranked) : options.k;
}

// Damage is no reason not to search; checking a catalogue reports it.
template <typename T>
std::optional<T> readable(std::optional<T> (*stored)(const Catalog&), const Catalog& catalog) {
  try {
    return stored(catalog);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

struct Engine::Impl {
  Impl(Catalog opened, std::shared_ptr<const engine::QueryEmbedder> query_embedder)
      : catalog(std::move(opened)),
        table(catalog),
        candidates(catalog, table),
        opinions(catalog, table),
        scores(readable(stored_score_calibration, catalog)),
        ranker(readable(stored_quality_ranker, catalog)),
        has_lists(!table.index().stats().calibrated.empty()),
        embedder(std::move(query_embedder)) {}

  // A later state of the catalogue of `before`.
  Impl(Catalog newest, const Impl& before)
      : catalog(std::move(newest)),
        table(catalog, before.table),
        candidates(catalog, table),
        opinions(catalog, table),
        scores(readable(stored_score_calibration, catalog)),
        ranker(readable(stored_quality_ranker, catalog)),
        has_lists(!table.index().stats().calibrated.empty()),
        embedder(before.embedder) {}

  const Embedder& loaded_embedder() const { return embedder->get(catalog); }

  void check_query(const Embedding& query) const;
  SeenPhoto look_at(const Image& photo, const std::optional<BoxPx>& box_px) const;
  SearchResult search(const Embedding& query, const SearchOptions& search_options,
                      std::optional<ItemId> excluded) const;
  std::vector<engine::Candidate> find(const Embedding& query, const SearchOptions& search_options,
                                      const engine::RowFilter& filter, StageTimings& timings) const;
  engine::CategoryOpinion opinion_on(const Embedding& query,
                                     const std::vector<engine::Candidate>& ranked) const;
  bool keep_categories(const Embedding& query, const SearchOptions& search_options, engine::RowFilter& filter,
                       const std::vector<PartitionId>& likely, bool may_keep_found,
                       std::vector<engine::Candidate>& found, SearchResult& result) const;
  bool compares_all(const SearchOptions& search_options) const;
  void fill_products(const Embedding& query, const SearchOptions& search_options, std::size_t num_products,
                     engine::RowFilter& filter, std::vector<engine::Candidate> found,
                     const std::optional<engine::HitRanking>& ranking, SearchResult& result) const;
  Hit hit_of(const engine::Candidate& candidate, const std::optional<engine::HitRanking>& ranking,
             std::size_t rank) const;

  Catalog catalog;
  engine::SearchTable table;
  engine::CandidateSearch candidates;
  engine::CategoryOpinions opinions;
  std::optional<ScoreCalibration> scores;
  std::optional<QualityRanker> ranker;
  bool has_lists;
  std::shared_ptr<const engine::QueryEmbedder> embedder;
};

// Follows the catalogue; its views are whole engines.
struct Engine::Follower {
  Follower(std::shared_ptr<const Impl> first, std::chrono::milliseconds max_age)
      : newest(std::move(first), max_age, later) {}

  // Null: there is none.
  static std::shared_ptr<const Impl> later(const std::shared_ptr<const Impl>& latest) {
    if (latest->catalog.is_replaced()) return successor(*latest);
    if (latest->catalog.is_newest() && !latest->catalog.holds_log()) return nullptr;
    return std::make_shared<const Impl>(latest->catalog.newest(), *latest);
  }

  // Of the catalogue that has taken the place of this one's.
  static std::shared_ptr<const Impl> successor(const Impl& before) {
    Catalog catalog = Catalog::open(before.catalog.folder());
    std::shared_ptr<const engine::QueryEmbedder> embedder = before.embedder;
    if (catalog.identity().model_fingerprint != before.catalog.identity().model_fingerprint) {
      if (embedder->is_given()) {
        throw Error(ErrorCode::kInvalidArgument, "cannot go on with '" + catalog.folder().string() +
                                                     "': it is of the model '" +
                                                     catalog.identity().model_name +
                                                     "' now; open it anew with that, or with its own model");
      }
      embedder = std::make_shared<const engine::QueryEmbedder>(embedder->options(), nullptr);
      // Before the first photo comes.
      if (!catalog.model_path().empty()) embedder->get(catalog);
    }
    return std::make_shared<const Impl>(std::move(catalog), std::move(embedder));
  }

  engine::NewestView<Impl> newest;
};

/// A photo, and the state to search in for it.
struct Engine::Look {
  SeenPhoto seen;
  std::shared_ptr<const Impl> impl;
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

SeenPhoto Engine::Impl::look_at(const Image& photo, const std::optional<BoxPx>& box_px) const {
  const Embedder& network = loaded_embedder();  // loading the network is not this search's time
  if (photo.empty()) throw Error(ErrorCode::kInvalidArgument, "cannot search with an empty picture");
  Stopwatch stopwatch;
  const std::span<const Image> photos(&photo, 1);
  std::vector<Embedding> made =
      box_px ? network.embed_boxes(photos, std::span(&*box_px, 1)) : network.embed(photos);
  if (made.size() != 1)
    throw Error(ErrorCode::kInternal,
                "the embedder returned " + std::to_string(made.size()) + " embeddings for one picture");
  SeenPhoto seen{.embedding = std::move(made.front()), .box_px = {}, .box_score = {}};
  seen.embed_ms = stopwatch.lap_ms();
  if (box_px) {
    seen.box_px = box_px->clipped(photo.source_width_px(), photo.source_height_px());
  } else if (seen.embedding.box_px) {
    seen.box_px = seen.embedding.box_px;
    seen.box_score = seen.embedding.box_score;
  }
  return seen;
}

SearchResult Engine::Impl::search(const Embedding& query, const SearchOptions& search_options,
                                  std::optional<ItemId> excluded) const {
  if (search_options.k == 0)
    throw Error(ErrorCode::kInvalidArgument, "cannot search for k = 0 hits; ask for at least 1");
  if (!(search_options.category_mass >= 0 && search_options.category_mass <= 1))
    throw Error(ErrorCode::kInvalidArgument, "cannot search with a category_mass of " +
                                                 std::to_string(search_options.category_mass) +
                                                 "; it is a probability, 0 to 1");
  check_query(query);
  std::optional<engine::HitRanking> ranking;
  if (search_options.quality) ranking.emplace(*search_options.quality, ranker ? &*ranker : nullptr, catalog);
  SearchResult result;
  Stopwatch stopwatch;
  engine::RowFilter filter(catalog, table, search_options, excluded);
  result.timings.filter_ms = stopwatch.lap_ms();

  const bool may_restrict = search_options.categories.empty() && search_options.category_mass < 1;
  const bool votes_first = may_restrict && opinions.is_fitted() && compares_all(search_options);
  std::vector<engine::Candidate> found =
      find(query, votes_first ? voting_options(search_options) : search_options, filter, result.timings);
  stopwatch.lap_ms();
  const engine::CategoryOpinion opinion = opinion_on(query, found);
  const std::vector<std::string>& names = opinion.predictor->names();
  result.categories = best_categories(opinion.prediction.fused, names, kMaxCategoryScores);
  result.model_categories = best_categories(opinion.prediction.model, names, kMaxCategoryScores);
  result.search_categories = best_categories(opinion.prediction.search, names, kMaxCategoryScores);
  std::vector<PartitionId> likely;
  if (may_restrict) likely = opinions.worth_searching(opinion, search_options.category_mass);
  result.timings.category_ms = stopwatch.lap_ms();

  const bool is_restricted =
      !likely.empty() && keep_categories(query, search_options, filter, likely, !votes_first, found, result);
  if (votes_first && !is_restricted) found = find(query, search_options, filter, result.timings);

  stopwatch.lap_ms();
  const std::size_t num_hits = num_hits_looked_at(search_options);
  if (search_options.group_by_product) {
    fill_products(query, search_options, num_hits, filter, std::move(found), ranking, result);
  } else {
    if (found.size() > num_hits) found.resize(num_hits);
    for (const engine::Candidate& candidate : found)
      result.hits.push_back(hit_of(candidate, ranking, result.hits.size() + 1));
  }
  if (ranking) ranking->order(search_options.k, result.hits);
  result.timings.fetch_ms = stopwatch.lap_ms();
  return result;
}

// Whether a search takes so long that a vote through lists of similar items, before it, costs next to
// nothing.
bool Engine::Impl::compares_all(const SearchOptions& search_options) const {
  constexpr double kHighestRecallOfLists = 0.995;
  return has_lists && search_options.target_recall > kHighestRecallOfLists;
}

std::vector<engine::Candidate> Engine::Impl::find(const Embedding& query, const SearchOptions& search_options,
                                                  const engine::RowFilter& filter,
                                                  StageTimings& timings) const {
  const std::size_t k =
      std::min(num_hits_looked_at(search_options), table.size());  // so that 4 k cannot overflow
  const bool reorder = search_options.rerank_candidates > 0;
  std::size_t count = std::max(k, kNumVoters);
  if (reorder) count = std::max({count, 4 * k, search_options.rerank_candidates});
  Stopwatch stopwatch;
  std::vector<engine::Candidate> found =
      candidates.nearest(query, count, search_options.target_recall, filter);
  timings.hamming_ms += stopwatch.lap_ms();
  if (reorder) {
    candidates.rank_by_cosine(query, count, found);
  } else {
    candidates.add_cosines(query, found);
  }
  timings.rerank_ms += stopwatch.lap_ms();
  return found;
}

engine::CategoryOpinion Engine::Impl::opinion_on(const Embedding& query,
                                                 const std::vector<engine::Candidate>& ranked) const {
  const std::vector<CategoryNeighbor> votes = candidates.votes(ranked);
  if (query.category_probabilities.empty()) return opinions.opinion({}, {}, votes);
  return opinions.opinion(query.category_probabilities, loaded_embedder().info().categories, votes);
}

// Puts candidates of these categories in the place of `found`, and makes the filter let only them through,
// unless there are fewer than wanted. The candidates that voted are those of a search through everything:
// what is left of them may be the answer, without another search. The filter must not know of categories yet.
bool Engine::Impl::keep_categories(const Embedding& query, const SearchOptions& search_options,
                                   engine::RowFilter& filter, const std::vector<PartitionId>& likely,
                                   bool may_keep_found, std::vector<engine::Candidate>& found,
                                   SearchResult& result) const {
  std::vector<engine::Candidate> kept;
  for (const engine::Candidate& candidate : found) {
    if (may_keep_found &&
        std::binary_search(likely.begin(), likely.end(), table.category_index(candidate.row)))
      kept.push_back(candidate);
  }
  filter.set_partitions(likely);
  if (kept.size() < num_hits_looked_at(search_options))
    kept = find(query, search_options, filter, result.timings);
  if (kept.size() < search_options.k) {
    filter.set_partitions({});
    return false;
  }
  found = std::move(kept);
  for (const PartitionId category : likely) {
    const std::string& name = catalog.category_names()[category];
    if (!name.empty()) result.searched_categories.push_back(name);
  }
  return true;
}

// Where the candidates show too few products, another search leaves out all pictures of those it has.
void Engine::Impl::fill_products(const Embedding& query, const SearchOptions& search_options,
                                 std::size_t num_products, engine::RowFilter& filter,
                                 std::vector<engine::Candidate> found,
                                 const std::optional<engine::HitRanking>& ranking,
                                 SearchResult& result) const {
  engine::ProductGroups groups(num_products);
  while (true) {
    const std::size_t num_before = groups.size();
    for (const engine::Candidate& candidate : found) {
      if (groups.is_full()) break;
      groups.add(hit_of(candidate, ranking, 0));
    }
    if (groups.is_full()) break;
    for (const std::string& product : groups.products_from(num_before))
      filter.exclude(catalog.items_of(product));
    found = find(query, search_options, filter, result.timings);
    if (found.empty() && !result.searched_categories.empty()) {
      // The likely categories have no more products.
      filter.set_partitions({});
      result.searched_categories.clear();
      found = find(query, search_options, filter, result.timings);
    }
    if (found.empty()) break;
  }
  result.hits = groups.take(search_options.rerank_candidates > 0);
}

Hit Engine::Impl::hit_of(const engine::Candidate& candidate, const std::optional<engine::HitRanking>& ranking,
                         std::size_t rank) const {
  const ItemId id = table.id(candidate.row);
  std::optional<Item> item = catalog.item(id);
  if (!item)
    throw Error(ErrorCode::kInternal, "catalogue '" + catalog.folder().string() +
                                          "' has a row but no item of id " + std::to_string(id));
  Hit hit;
  if (ranking) hit.quality = ranking->values_of(*item);
  hit.rank = rank;
  hit.id = id;
  hit.product = std::move(item->key.product);
  hit.picture = std::move(item->key.picture);
  hit.path = std::move(item->path);
  hit.category = std::move(item->category);
  hit.score = std::clamp(candidate.cosine, 0.0, 1.0);
  hit.hamming = candidate.hamming;
  hit.cosine = candidate.cosine;
  if (scores) hit.probability = scores->probability(candidate.cosine);
  return hit;
}

Engine Engine::open(const std::filesystem::path& folder, const EngineOptions& options) {
  std::error_code ignored;
  if (!options.model.empty() && !std::filesystem::exists(options.model, ignored))
    throw Error(ErrorCode::kNotFound,
                "cannot open model '" + options.model.string() + "': there is no such file");
  return make(folder, options, nullptr);
}

Engine Engine::open(const std::filesystem::path& folder, std::shared_ptr<const Embedder> embedder,
                    const EngineOptions& options) {
  if (!embedder) throw Error(ErrorCode::kInvalidArgument, "cannot open a catalogue with a null embedder");
  return make(folder, options, std::move(embedder));
}

Engine Engine::make(const std::filesystem::path& folder, const EngineOptions& options,
                    std::shared_ptr<const Embedder> embedder) {
  Catalog catalog = Catalog::open(folder);
  if (embedder) engine::check_model(catalog, embedder->info());
  auto first = std::make_shared<const Impl>(
      std::move(catalog), std::make_shared<const engine::QueryEmbedder>(options, std::move(embedder)));
  if (!options.max_age) return Engine(std::move(first));
  Engine following(nullptr);
  following.follower_ = std::make_shared<Follower>(std::move(first), *options.max_age);
  return following;
}

Engine::Engine(std::shared_ptr<const Impl> view) : view_(std::move(view)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

std::shared_ptr<const Engine::Impl> Engine::view() const {
  return follower_ ? follower_->newest.get() : view_;
}

Engine::Look Engine::look_at(const Image& photo, const std::optional<BoxPx>& box_px) const {
  std::shared_ptr<const Impl> impl = view();
  SeenPhoto seen = impl->look_at(photo, box_px);
  // Looking takes longest, so the items are as new as can be, unless their codes are another network's now.
  std::shared_ptr<const Impl> later = view();
  if (later->embedder == impl->embedder) impl = std::move(later);
  return {std::move(seen), std::move(impl)};
}

Engine Engine::snapshot() const {
  return Engine(view());
}

bool Engine::refresh() const {
  return follower_ && follower_->newest.refresh();
}

SearchResult Engine::search(const Image& photo, const SearchOptions& options) const {
  const auto [seen, impl] = look_at(photo, options.box_px);
  SearchResult result = impl->search(seen.embedding, options, std::nullopt);
  result.timings.embed_ms = seen.embed_ms;
  result.box_px = seen.box_px;
  result.box_score = seen.box_score;
  return result;
}

Classification Engine::classify(const Image& photo, const ClassifyOptions& options) const {
  const auto [seen, impl] = look_at(photo, options.box_px);
  impl->check_query(seen.embedding);
  const SearchOptions search_options = voting_options({});
  const engine::RowFilter filter(impl->catalog, impl->table, search_options, std::nullopt);
  StageTimings ignored;
  const engine::CategoryOpinion opinion =
      impl->opinion_on(seen.embedding, impl->find(seen.embedding, search_options, filter, ignored));
  const auto best = [&](std::span<const double> probabilities) {
    return best_categories_at_level(probabilities, opinion.predictor->names(), options.level, options.limit);
  };
  return {best(opinion.prediction.model), best(opinion.prediction.search), best(opinion.prediction.fused),
          impl->opinions.is_fitted(), seen.box_px};
}

ObjectResults Engine::search_objects(const Image& photo, const DetectionOptions& detection,
                                     const SearchOptions& options) const {
  if (options.box_px)
    throw Error(ErrorCode::kInvalidArgument,
                "cannot search with the products of a photo and with a given region at once");
  if (photo.empty()) throw Error(ErrorCode::kInvalidArgument, "cannot search with an empty picture");
  const Engine here = snapshot();  // one state for all parts
  const Embedder& network = here.embedder();
  Stopwatch stopwatch;
  const std::vector<FoundBox> found = network.find_boxes(photo, detection);
  const double find_ms = stopwatch.lap_ms();
  SearchOptions part = options;
  part.box_px = kWholePicture;
  ObjectResults results{.whole = here.search(photo, part), .objects = {}};
  results.whole.box_px.reset();
  results.whole.timings.embed_ms += find_ms;
  for (const FoundBox& box : found) {
    part.box_px = box.box_px;
    results.objects.push_back(here.search(photo, part));
    results.objects.back().box_score = box.score;
  }
  return results;
}

SearchResult Engine::search(const Embedding& query, const SearchOptions& options) const {
  return view()->search(query, options, std::nullopt);
}

SearchResult Engine::search_item(const ItemKey& key, const SearchOptions& options) const {
  const std::shared_ptr<const Impl> impl = view();
  const std::optional<ItemId> id = impl->catalog.find(key);
  const std::optional<Catalog::Row> row = id ? impl->catalog.row(*id) : std::nullopt;
  if (!row)
    throw Error(ErrorCode::kNotFound, "the catalogue has no item of product '" + key.product +
                                          "' with picture '" + key.picture + "'");
  Embedding query;
  query.code.assign(row->code.begin(), row->code.end());
  query.feature = to_float({row->feature, impl->catalog.identity().feature_dim});
  return impl->search(query, options, id);
}

std::size_t Engine::size() const {
  return view()->table.size();
}
std::shared_ptr<const Catalog> Engine::catalog() const {
  const std::shared_ptr<const Impl> impl = view();
  return {impl, &impl->catalog};
}
const Embedder& Engine::embedder() const {
  return view()->loaded_embedder();
}

}  // namespace vitrine
