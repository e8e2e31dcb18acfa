// SPDX-License-Identifier: MIT
#include "vitrine/evaluate.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "engine/evaluation_figures.h"
#include "network/detector.h"
#include "vitrine/error.h"
#include "vitrine/image.h"
#include "vitrine/rerank.h"

namespace vitrine {
namespace {

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// What became of one query.
struct Outcome {
  bool done = false;
  std::string skipped;  ///< reason; empty: evaluated
  engine::EvaluatedPhoto photo;
};

double overlap_of(const std::optional<BoxPx>& found, const BoxPx& given, const Image& photo) {
  const int width_px = photo.source_width_px();
  const int height_px = photo.source_height_px();
  const auto relative = [&](const BoxPx& box) {
    const BoxPx inside = box.clipped(width_px, height_px);
    return network::RelativeBox{
        static_cast<double>(inside.x0) / width_px, static_cast<double>(inside.y0) / height_px,
        static_cast<double>(inside.x1) / width_px, static_cast<double>(inside.y1) / height_px};
  };
  return network::intersection_over_union(relative(found.value_or(kWholePicture)), relative(given));
}

// Of the rows found by comparing all codes, the share that `found` has as near.
double linear_recall(const SearchResult& exact, const SearchResult& found) {
  if (exact.hits.empty()) return 1;
  unsigned farthest = 0;
  for (const Hit& hit : exact.hits) farthest = std::max(farthest, hit.hamming);
  const auto as_near = std::count_if(found.hits.begin(), found.hits.end(),
                                     [&](const Hit& hit) { return hit.hamming <= farthest; });
  return std::min(1.0, static_cast<double>(as_near) / static_cast<double>(exact.hits.size()));
}

/// Products and features of a catalogue by dense numbers.
class ProductTable {
 public:
  explicit ProductTable(const Catalog& catalog) {
    catalog.for_each_row([&](const Catalog::Row& row) {
      ids_.push_back(row.id);
      features_.push_back(row.feature);
      const std::optional<Item> item = catalog.item(row.id);
      product_of_row_.push_back(number_of(item ? item->key.product : std::string()));
      ++num_items_[product_of_row_.back()];
    });
  }

  /// How many items show it.
  std::size_t num_items(const std::string& product) const {
    const auto number = numbers_.find(product);
    return number == numbers_.end() ? 0 : num_items_[number->second];
  }

  /// Which of the k nearest rows by exact cosine show the product.
  std::vector<bool> nearest(std::span<const float> feature, const std::string& product, std::size_t k) const {
    const std::size_t wanted = numbers_.at(product);
    std::vector<bool> is_right;
    for (const RankedCandidate& row : rerank_by_cosine(feature, features_, k))
      is_right.push_back(product_of_row_[row.candidate_index] == wanted);
    return is_right;
  }

  /// The product's item nearest by exact cosine. The product must be there.
  std::pair<ItemId, double> nearest_item(std::span<const float> feature, const std::string& product) const {
    const std::size_t wanted = numbers_.at(product);
    std::pair<ItemId, double> nearest{0, -2};  // below every cosine
    for (std::size_t row = 0; row < ids_.size(); ++row) {
      if (product_of_row_[row] != wanted) continue;
      const double cosine = dot(feature, features_[row]);
      if (cosine > nearest.second) nearest = {ids_[row], cosine};
    }
    return nearest;
  }

 private:
  std::size_t number_of(const std::string& product) {
    const auto [number, is_new] = numbers_.emplace(product, numbers_.size());
    if (is_new) num_items_.push_back(0);
    return number->second;
  }

  std::vector<ItemId> ids_;
  std::vector<const Half*> features_;
  std::vector<std::size_t> product_of_row_;
  std::unordered_map<std::string, std::size_t> numbers_;
  std::vector<std::size_t> num_items_;
};

class Evaluation {
 public:
  Evaluation(const Engine& engine, std::span<const EvaluationQuery> queries, const EvaluationOptions& options)
      : engine_(engine),
        queries_(queries),
        options_(options),
        products_(*engine.catalog()),
        max_k_(*std::max_element(options.ks.begin(), options.ks.end())),
        outcomes_(queries.size()) {}

  EvaluationReport run() {
    engine_.embedder();  // so that loading it is nobody's latency
    const unsigned num_cores =
        options_.num_threads > 0 ? options_.num_threads : std::thread::hardware_concurrency();
    const std::size_t num_threads =
        std::min<std::size_t>(std::max(num_cores, 1U), std::max<std::size_t>(queries_.size(), 1));
    std::vector<std::thread> threads;
    threads.reserve(num_threads);
    try {
      for (std::size_t i = 1; i < num_threads; ++i) threads.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      // Fewer threads do the same work.
    }
    work();
    for (std::thread& thread : threads) thread.join();
    if (error_) std::rethrow_exception(error_);
    return report();
  }

 private:
  void work() noexcept {
    try {
      while (!stopped_) {
        const std::size_t i = next_++;
        if (i >= queries_.size()) return;
        if (should_stop()) return;
        outcomes_[i] = evaluate_query(queries_[i]);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      stopped_ = true;
    }
  }

  bool should_stop() {
    if (!options_.should_stop) return false;
    const std::lock_guard lock(mutex_);  // the caller's function need not be thread-safe
    if (options_.should_stop()) stopped_ = true;
    return stopped_;
  }

  Outcome evaluate_query(const EvaluationQuery& query) const {
    Outcome outcome;
    outcome.done = true;
    if (products_.num_items(query.product) == 0) {
      outcome.skipped = "the catalogue has no product '" + query.product + "'";
      return outcome;
    }
    engine::EvaluatedPhoto& photo = outcome.photo;
    photo.outcome.path = query.path;
    photo.outcome.product = query.product;
    Embedding embedding;
    try {
      embedding = embed(query, photo);
    } catch (const Error& error) {
      outcome.skipped = error.what();
      return outcome;
    }
    search(embedding, query, photo);
    return outcome;
  }

  Embedding embed(const EvaluationQuery& query, engine::EvaluatedPhoto& evaluated) const {
    const auto start = std::chrono::steady_clock::now();
    const Image photo =
        Image::read(query.path, {options_.max_pixels, engine_.embedder().info().min_decode_px()});
    evaluated.times_ms[0] = milliseconds_since(start);
    const auto embed_start = std::chrono::steady_clock::now();
    Embedding embedding = std::move(engine_.embedder().embed({&photo, 1}).at(0));
    evaluated.times_ms[1] = milliseconds_since(embed_start);
    if (query.box_px) evaluated.outcome.box_overlap = overlap_of(embedding.box_px, *query.box_px, photo);
    return embedding;
  }

  void search(const Embedding& embedding, const EvaluationQuery& query,
              engine::EvaluatedPhoto& evaluated) const {
    const std::size_t num_items = products_.num_items(query.product);
    const auto add = [&](const std::vector<bool>& is_right) {
      evaluated.outcome.rankings.push_back(engine::judge(is_right, num_items, max_k_));
    };
    add(products_.nearest(embedding.feature, query.product, max_k_));
    // Codes alone: all categories.
    SearchOptions options{.k = max_k_, .category_mass = 1, .rerank_candidates = 0, .target_recall = 1};
    const SearchResult exact = engine_.search(embedding, options);
    options.target_recall = options_.target_recall;
    const SearchResult by_code = engine_.search(embedding, options);
    evaluated.linear_recall = linear_recall(exact, by_code);
    add(right_hits(by_code, query.product));
    options.rerank_candidates = options_.rerank_candidates;
    options.category_mass = kDefaultCategoryMass;
    const SearchResult result = engine_.search(embedding, options);
    add(right_hits(result, query.product));
    evaluated.times_ms[2] = result.timings.hamming_ms;
    evaluated.times_ms[3] = result.timings.rerank_ms;
    judge_categories(result, query.category, evaluated);
    show_hits(result, embedding, evaluated.outcome);
  }

  static void judge_categories(const SearchResult& result, const std::string& category,
                               engine::EvaluatedPhoto& evaluated) {
    if (category.empty()) return;
    const auto opinion_is_right = [&](const std::vector<CategoryScore>& opinion) {
      return opinion.empty() ? std::nullopt : std::optional(opinion.front().name == category);
    };
    evaluated.category_right = opinion_is_right(result.categories).value_or(false);
    evaluated.model_category_right = opinion_is_right(result.model_categories);
    evaluated.search_category_right = opinion_is_right(result.search_categories);
  }

  static std::vector<bool> right_hits(const SearchResult& result, const std::string& product) {
    std::vector<bool> is_right;
    for (const Hit& hit : result.hits) is_right.push_back(hit.product == product);
    return is_right;
  }

  void show_hits(const SearchResult& result, const Embedding& embedding, PhotoOutcome& outcome) const {
    if (!result.hits.empty()) {
      outcome.found_path = result.hits.front().path;
      outcome.found_product = result.hits.front().product;
      outcome.found_score = result.hits.front().score;
    }
    const auto [id, cosine] = products_.nearest_item(embedding.feature, outcome.product);
    if (const std::optional<Item> item = engine_.catalog()->item(id)) outcome.right_path = item->path;
    outcome.right_score = std::clamp(cosine, 0.0, 1.0);
  }

  EvaluationReport report() {
    std::vector<engine::EvaluatedPhoto> photos;
    std::vector<IngestFailure> skipped;
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      if (!outcomes_[i].done) continue;
      if (outcomes_[i].skipped.empty()) {
        photos.push_back(std::move(outcomes_[i].photo));
      } else {
        skipped.push_back({queries_[i].path, outcomes_[i].skipped});
      }
    }
    EvaluationReport report = engine::figures_of(std::move(photos), options_);
    report.skipped = std::move(skipped);
    report.interrupted = stopped_;
    return report;
  }

  const Engine& engine_;
  const std::span<const EvaluationQuery> queries_;
  const EvaluationOptions& options_;
  const ProductTable products_;
  const std::size_t max_k_;
  std::vector<Outcome> outcomes_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::exception_ptr error_;
};

void validate(const EvaluationOptions& options) {
  const auto require = [](bool holds, const char* expectation) {
    if (!holds)
      throw Error(ErrorCode::kInvalidArgument, std::string("cannot evaluate: expected ") + expectation);
  };
  require(!options.ks.empty(), "at least one k");
  require(std::all_of(options.ks.begin(), options.ks.end(), [](std::size_t k) { return k > 0; }),
          "every k above 0");
  require(options.rerank_candidates != 0, "rerank_candidates above 0");
  require(options.num_resamples > 0, "num_resamples above 0");
}

}  // namespace

EvaluationReport evaluate(const Engine& engine, std::span<const EvaluationQuery> queries,
                          const EvaluationOptions& options) {
  validate(options);
  // All photos are to be judged by one state of the catalogue.
  const Engine unchanging = engine.snapshot();
  return Evaluation(unchanging, queries, options).run();
}

}  // namespace vitrine
