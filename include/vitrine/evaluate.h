// SPDX-License-Identifier: MIT
#pragma once
/// How well a catalogue answers photos whose product is known: Identical Recall@k (the share of photos for
/// which the same product is among the first k hits; Visual Search at Alibaba, KDD 2018), side by side for
/// three rankings, so that one sees what the network, the code and the re-ranking each contribute.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vitrine/engine.h"
#include "vitrine/ingest.h"

namespace vitrine {

/// A photo and the product that it shows.
struct EvaluationQuery {
  std::string path;
  std::string product;
  std::string category = {};  ///< empty: not part of the category accuracy
};

struct EvaluationOptions {
  /// The k of each Recall@k, each at least 1.
  std::vector<std::size_t> ks = {1, 4, 20};
  /// Candidates of the re-ranked search, see SearchOptions; at least 1.
  std::size_t rerank_candidates = 200;
  /// Resamples of the bootstrap (Efron 1979, percentile intervals over photos) and its seed.
  std::size_t num_resamples = 1000;
  std::uint64_t seed = 1;
  /// Worker threads; 0: one per core. Times are measured with all of them at work.
  unsigned num_threads = 0;
  std::uint64_t max_pixels = 100'000'000;
  /// Polled between photos; true ends the evaluation, and the report covers the photos done so far.
  std::function<bool()> should_stop = {};
};

/// A share of photos with its 95 % confidence interval.
struct Share {
  double value = 0;
  double low = 0;
  double high = 0;
};

struct RecallAtK {
  std::size_t k = 0;
  Share recall;
};

struct RankingReport {
  std::string name;  ///< "float" (exact cosine), "code" (Hamming distance alone) or "code + re-rank" (what
                     ///< search does)
  std::vector<RecallAtK> recalls;
};

struct LatencyReport {
  std::string stage;  ///< "decode", "embed", "hamming" or "rerank"
  double p50_ms = 0;
  double p95_ms = 0;
};

struct EvaluationReport {
  std::size_t num_evaluated = 0;
  std::vector<RankingReport> rankings;
  /// Share of photos whose most probable category is the true one, over `num_with_category` photos; unset if
  /// that is 0.
  std::optional<Share> category_accuracy;
  std::size_t num_with_category = 0;
  std::vector<LatencyReport> latencies;
  /// Photos that were not evaluated: unreadable, or of a product that the catalogue does not hold. In query
  /// order.
  std::vector<IngestFailure> skipped;
  bool interrupted = false;
};

/// Searches every query without restrictions, but for that to the likely categories which the last ranking,
/// being what a search does, has after a fit (SearchOptions::category_mass). Equal arguments give equal
/// figures (times apart), whatever the number of threads. Cost: one exact scan over all features per query.
/// ErrorCode::kInvalidArgument if `ks` is empty or holds 0, or if there are neither resamples nor candidates;
/// otherwise the errors of Engine::search that are not one photo's.
EvaluationReport evaluate(const Engine& engine, std::span<const EvaluationQuery> queries,
                          const EvaluationOptions& options = {});

}  // namespace vitrine
