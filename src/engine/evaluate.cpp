// SPDX-License-Identifier: MIT
#include "vitrine/evaluate.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>

#include "engine/bootstrap.h"
#include "vitrine/error.h"
#include "vitrine/image.h"
#include "vitrine/rerank.h"

namespace vitrine {
namespace {

constexpr std::array<std::string_view, 3> kRankings = {"float", "code", "code + re-rank"};
constexpr std::array<std::string_view, 4> kStages = {"decode", "embed", "hamming", "rerank"};

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// What one photo contributes.
struct Outcome {
  bool done = false;
  std::string skipped;  ///< reason; empty: evaluated
  /// Per ranking: rank of the first hit of the product, from 1; none within the largest k: unset.
  std::array<std::optional<std::size_t>, kRankings.size()> first_rank;
  bool category_right = false;
  std::array<double, kStages.size()> times_ms{};
};

/// Products and features of a catalogue by dense numbers.
class ProductTable {
 public:
  explicit ProductTable(const Catalog& catalog) {
    catalog.for_each_row([&](const Catalog::Row& row) {
      features_.push_back(row.feature);
      const std::optional<Item> item = catalog.item(row.id);
      product_of_row_.push_back(item ? number_of(item->key.product) : 0);
    });
  }

  bool contains(const std::string& product) const { return numbers_.contains(product); }

  /// Rank of the first row of the product by exact cosine, if it is at most k.
  std::optional<std::size_t> exact_rank(std::span<const float> feature, const std::string& product,
                                        std::size_t k) const {
    const std::size_t wanted = numbers_.at(product);
    const std::vector<RankedCandidate> ranked = rerank_by_cosine(feature, features_, k);
    for (std::size_t i = 0; i < ranked.size(); ++i)
      if (product_of_row_[ranked[i].candidate_index] == wanted) return i + 1;
    return std::nullopt;
  }

 private:
  std::size_t number_of(const std::string& product) {
    return numbers_.emplace(product, numbers_.size()).first->second;
  }

  std::vector<const Half*> features_;
  std::vector<std::size_t> product_of_row_;
  std::unordered_map<std::string, std::size_t> numbers_;
};

class Evaluation {
 public:
  Evaluation(const Engine& engine, std::span<const EvaluationQuery> queries, const EvaluationOptions& options)
      : engine_(engine),
        queries_(queries),
        options_(options),
        products_(engine.catalog()),
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
    if (!products_.contains(query.product)) {
      outcome.skipped = "the catalogue has no product '" + query.product + "'";
      return outcome;
    }
    Embedding embedding;
    try {
      const auto start = std::chrono::steady_clock::now();
      const Image photo =
          Image::read(query.path, {options_.max_pixels, engine_.embedder().info().min_decode_px()});
      outcome.times_ms[0] = milliseconds_since(start);
      const auto embed_start = std::chrono::steady_clock::now();
      embedding = std::move(engine_.embedder().embed({&photo, 1}).at(0));
      outcome.times_ms[1] = milliseconds_since(embed_start);
    } catch (const Error& error) {
      outcome.skipped = error.what();
      return outcome;
    }
    outcome.first_rank[0] = products_.exact_rank(embedding.feature, query.product, max_k_);
    SearchOptions search;
    search.k = max_k_;
    search.rerank_candidates = 0;
    search.category_mass = 1;
    outcome.first_rank[1] = first_rank(engine_.search(embedding, search), query.product);
    search.rerank_candidates = options_.rerank_candidates;
    search.category_mass = SearchOptions{}.category_mass;
    const SearchResult result = engine_.search(embedding, search);
    outcome.first_rank[2] = first_rank(result, query.product);
    outcome.times_ms[2] = result.timings.hamming_ms;
    outcome.times_ms[3] = result.timings.rerank_ms;
    outcome.category_right = !result.categories.empty() && result.categories.front().name == query.category;
    return outcome;
  }

  static std::optional<std::size_t> first_rank(const SearchResult& result, const std::string& product) {
    for (const Hit& hit : result.hits)
      if (hit.product == product) return hit.rank;
    return std::nullopt;
  }

  EvaluationReport report() const {
    EvaluationReport report;
    report.interrupted = stopped_;
    std::vector<const Outcome*> evaluated;
    std::vector<bool> categories_right;
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      const Outcome& outcome = outcomes_[i];
      if (!outcome.done) continue;
      if (!outcome.skipped.empty()) {
        report.skipped.push_back({queries_[i].path, outcome.skipped});
        continue;
      }
      evaluated.push_back(&outcome);
      if (!queries_[i].category.empty()) categories_right.push_back(outcome.category_right);
    }
    report.num_evaluated = evaluated.size();
    report.num_with_category = categories_right.size();
    if (!categories_right.empty()) report.category_accuracy = share_of(categories_right);
    for (std::size_t ranking = 0; ranking < kRankings.size(); ++ranking)
      report.rankings.push_back(ranking_report(ranking, evaluated));
    for (std::size_t stage = 0; stage < kStages.size(); ++stage) {
      std::vector<double> times_ms;
      for (const Outcome* outcome : evaluated) times_ms.push_back(outcome->times_ms[stage]);
      const double p50_ms = engine::percentile(times_ms, 0.5);
      report.latencies.push_back(
          {std::string(kStages[stage]), p50_ms, engine::percentile(std::move(times_ms), 0.95)});
    }
    return report;
  }

  RankingReport ranking_report(std::size_t ranking, const std::vector<const Outcome*>& evaluated) const {
    RankingReport report{std::string(kRankings[ranking]), {}};
    for (const std::size_t k : options_.ks) {
      std::vector<bool> found;
      for (const Outcome* outcome : evaluated) {
        const std::optional<std::size_t>& rank = outcome->first_rank[ranking];
        found.push_back(rank && *rank <= k);
      }
      report.recalls.push_back({k, share_of(found)});
    }
    return report;
  }

  Share share_of(const std::vector<bool>& values) const {
    return engine::bootstrap_share(values, options_.num_resamples, options_.seed);
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
  require(options.rerank_candidates > 0, "rerank_candidates above 0");
  require(options.num_resamples > 0, "num_resamples above 0");
}

}  // namespace

EvaluationReport evaluate(const Engine& engine, std::span<const EvaluationQuery> queries,
                          const EvaluationOptions& options) {
  validate(options);
  return Evaluation(engine, queries, options).run();
}

}  // namespace vitrine
