// SPDX-License-Identifier: MIT
#pragma once
/// Search in a catalogue with a picture: the whole online path in one object.
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/category.h"
#include "vitrine/embedder.h"
#include "vitrine/image.h"
#include "vitrine/quality_ranker.h"
#include "vitrine/quality_ranking.h"

namespace vitrine {

struct EngineOptions {
  /// Model to embed queries with; empty: the copy inside the catalogue. Its fingerprint must match the
  /// catalogue's.
  std::filesystem::path model{};
  Precision precision = Precision::kAuto;
  /// How to load a model file of another kind (see onnx.h); empty: load_embedder.
  std::function<std::shared_ptr<const Embedder>(const std::filesystem::path& model, Precision precision)>
      load{};
  /// What is committed while the engine is open is found by every search that begins so long after it, plus
  /// the time in which another thread takes over what is new. Unset: the engine keeps the state of its
  /// opening. docs/durability.md says what following costs.
  std::optional<std::chrono::milliseconds> max_age = std::chrono::milliseconds(20);
};

/// See SearchOptions::rerank_candidates.
inline constexpr std::size_t kDefaultRerankCandidates = 200;

/// See SearchOptions::category_mass.
inline constexpr double kDefaultCategoryMass = 0.99;

struct SearchOptions {
  /// Number of hits wanted, at least 1.
  std::size_t k = 20;
  /// Only items of these categories; empty: all. Unknown names are an error (kInvalidArgument) that lists
  /// similar ones.
  std::vector<std::string> categories{};
  /// Where a prediction of categories was fitted (catalog_categories.h) and `categories` is empty, only the
  /// fewest categories that together have this probability are searched, and items without a category; all,
  /// if that needs more than half of the categories or leaves fewer than k items. 0 to 1; 1: always all. What
  /// the default costs and gives: docs/categories.md.
  double category_mass = kDefaultCategoryMass;
  /// SQL expression over item columns and attributes (see Catalog::select); empty: no restriction.
  std::string where{};
  /// The region of the photo to search with, in pixels of the upright photo; unset: where the model finds the
  /// product, or the whole photo if it does not look for one (ModelInfo::detects).
  std::optional<BoxPx> box_px{};
  /// Hits are ordered by these columns as well, or by what a trained ranker says; unset: by similarity alone.
  /// kInvalidArgument for columns that the catalogue does not have, without a ranker that can be read or if
  /// it was trained with other columns, and those of QualityRanking::validate.
  std::optional<QualityRanking> quality{};
  /// k products instead of k pictures: each hit is the best picture of its product, and Hit::more has others.
  bool group_by_product = false;
  /// How many Hamming candidates are re-ranked by cosine: max(rerank_candidates, 4 k). 0: rank by Hamming
  /// distance alone. Unset: as many as were measured for a catalogue of this size, at least
  /// kDefaultRerankCandidates (catalog_candidates.h).
  std::optional<std::size_t> rerank_candidates{};
  /// Share of the true Hamming candidates to find on average, 0.9 to 1. Below 1, a catalogue of 50,000 items
  /// and more is searched through lists of similar items, many times faster, once it has been optimised (see
  /// search_index.h); at 1 all codes are compared, of the likely categories if `category_mass`
  /// restricts the search.
  double target_recall = 0.99;
};

/// Another picture of a hit's product.
struct OtherPicture {
  ItemId id = 0;
  std::string picture;
  std::string path;
  double score = 0;  ///< as Hit::score
  unsigned hamming = 0;
};

/// What one column, or another feature of a trained ranker, contributes to a hit's quality.
struct HitQualityPart {
  std::string column;           ///< of a trained ranker also its visual features, see ranker_source_name
  std::optional<double> value;  ///< unset: the item has none
  /// Among the hits that were ranked, see quality_ranking.h; of a trained ranker unset for visual features
  /// and missing values.
  std::optional<double> standing = 0.5;
  std::optional<double> contribution = {};  ///< to the log odds of `probability`; of a trained ranker
};

struct HitQuality {
  double quality = 0;  ///< 0 to 1
  /// By which hits were ordered: Hit::score + strength x quality. One that QualityRanking::max_fall has kept
  /// from falling further may stand before a higher one.
  double rank_score = 0;
  std::size_t similarity_rank = 0;  ///< the rank by similarity alone, from 1
  /// Of a trained ranker: that a user who looks at the hit does what the ranker was trained for.
  std::optional<double> probability = {};
  std::optional<RankerTarget> target = {};
  std::vector<HitQualityPart> parts;
};

struct Hit {
  std::size_t rank = 0;  ///< from 1
  ItemId id = 0;
  std::string product;
  std::string picture;
  std::string path;
  std::string category;
  double score = 0;  ///< in [0, 1], higher is more alike: the cosine, cut at 0
  unsigned hamming = 0;
  double cosine = 0;
  /// That the hit shows the same product as the photo, if scores were calibrated (catalog_scores.h): of hits
  /// with this score among the first pictures of ordinary searches, so many did; with group_by_product, of
  /// hits with this score that were the most similar one, or behind it, of such searches. It looks at one hit
  /// at a time: two products that look alike may both have a high one.
  std::optional<double> probability;
  /// Of a search with SearchOptions::quality.
  std::optional<HitQuality> quality;
  /// Of a search grouped by products: the product's other pictures that came before the last product was
  /// found, best first.
  std::vector<OtherPicture> more;
};

/// Of a search grouped by products, fetching includes the searches for products that are still missing.
struct StageTimings {
  double embed_ms = 0;
  double filter_ms = 0;
  double hamming_ms = 0;
  double category_ms = 0;
  double rerank_ms = 0;
  double fetch_ms = 0;
};

struct SearchResult {
  std::optional<BoxPx> box_px;            ///< region used, given or found; unset: the whole photo
  std::optional<double> box_score;        ///< how sure the model is of a box that it found, 0 to 1
  std::vector<CategoryScore> categories;  ///< most probable first, at most 5; empty if nothing was predicted
  /// What `categories` comes from, likewise: the model's opinion and the vote of the nearest items.
  std::vector<CategoryScore> model_categories;
  std::vector<CategoryScore> search_categories;
  /// The predicted categories to which the search was restricted; empty: it was not.
  std::vector<std::string> searched_categories;
  std::vector<Hit> hits;  ///< best first
  StageTimings timings;
};

struct ClassifyOptions {
  /// Most categories wanted of each opinion.
  std::size_t limit = 5;
  /// How many parts of a name such as "Packages/Milk/Oatly" count: the probabilities of all categories that
  /// have them in common are added up. 0: all parts.
  std::size_t level = 0;
  /// As in SearchOptions.
  std::optional<BoxPx> box_px{};
};

/// The opinions about a photo's category, each most probable first; empty where there is none.
struct Classification {
  std::vector<CategoryScore> model;
  std::vector<CategoryScore> search;
  std::vector<CategoryScore> fused;  ///< if nothing was fitted: the model's, or the search's if it has none
  bool is_fitted = false;
  std::optional<BoxPx> box_px;  ///< as in SearchResult
};

/// What was found for each product of a photo, and for the photo as a whole.
struct ObjectResults {
  SearchResult whole;
  std::vector<SearchResult> objects;  ///< best box first; empty if the model sees none, or looks for none
};

/// A catalogue opened for searching. All calls may run concurrently, beside each other and beside a writer in
/// any process. Each search sees one committed state as a whole.
class Engine {
 public:
  /// Opens the catalogue read-only. Errors: those of Catalog::open and load_embedder, and kInvalidArgument if
  /// the model is not the one the catalogue was made with. The network is loaded on the first search that
  /// needs it; a binarizer kept in the catalogue makes its codes.
  static Engine open(const std::filesystem::path& folder, const EngineOptions& options = {});

  /// As above with the host's own embedder.
  static Engine open(const std::filesystem::path& folder, std::shared_ptr<const Embedder> embedder,
                     const EngineOptions& options = {});

  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  /// Searches with a photo.
  SearchResult search(const Image& photo, const SearchOptions& options = {}) const;
  /// Searches with every product that the model finds in the photo, and with the whole photo.
  /// kInvalidArgument if `options` has a box; errors of Embedder::find_boxes.
  ObjectResults search_objects(const Image& photo, const DetectionOptions& detection = {},
                               const SearchOptions& options = {}) const;
  /// Searches with an embedding made elsewhere; `box_px` is ignored.
  SearchResult search(const Embedding& query, const SearchOptions& options = {}) const;
  /// Searches with an item of the catalogue, which is left out of the hits. kNotFound if there is none of
  /// that key.
  SearchResult search_item(const ItemKey& key, const SearchOptions& options = {}) const;

  /// The category of a photo. Costs an embedding and a search.
  Classification classify(const Image& photo, const ClassifyOptions& options = {}) const;

  /// An engine that keeps the present state, for several calls that must agree with each other. Shares
  /// everything with this one and costs nothing; while it lives, rows that were removed keep their memory.
  Engine snapshot() const;
  /// Takes over now what was committed, as searches do by themselves; returns whether there was anything.
  /// Errors that searches pass over, to go on with what they have: those of Catalog::open.
  bool refresh() const;

  /// Number of items.
  std::size_t size() const;
  /// The state that a search would see now. Stays as it is while the caller holds it.
  std::shared_ptr<const Catalog> catalog() const;
  /// Loads the network if that has not happened yet.
  const Embedder& embedder() const;

 private:
  struct Impl;
  struct Follower;
  struct Look;
  static Engine make(const std::filesystem::path& folder, const EngineOptions& options,
                     std::shared_ptr<const Embedder> embedder);
  explicit Engine(std::shared_ptr<const Impl> view);
  std::shared_ptr<const Impl> view() const;
  Look look_at(const Image& photo, const std::optional<BoxPx>& box_px) const;

  std::shared_ptr<const Impl> view_;    // of an engine that keeps its state
  std::shared_ptr<Follower> follower_;  // of one that does not
};

}  // namespace vitrine
