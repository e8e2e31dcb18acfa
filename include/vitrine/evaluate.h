// SPDX-License-Identifier: MIT
#pragma once
/// How well a catalogue answers photos whose product is known: Identical Recall@k (the share of photos for
/// which the same product is among the first k hits) and mean average precision (both after Visual Search at
/// Alibaba, KDD 2018), side by side for three rankings, so that one sees what the network, the code and the
/// re-ranking each contribute.
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
  /// Where the product is, in pixels of the upright photo, for judging the box that the model finds; unset:
  /// not part of it.
  std::optional<BoxPx> box_px = {};
};

struct EvaluationOptions {
  /// The k of each Recall@k, each at least 1.
  std::vector<std::size_t> ks = {1, 4, 20};
  /// Candidates of the re-ranked search, see SearchOptions; at least 1, if set.
  std::optional<std::size_t> rerank_candidates{};
  /// See SearchOptions.
  double target_recall = 0.99;
  /// Resamples of the bootstrap (Efron 1979, percentile intervals over photos) and its seed.
  std::size_t num_resamples = 1000;
  std::uint64_t seed = 1;
  /// Worker threads; 0: one per core. Times are measured with all of them at work.
  unsigned num_threads = 0;
  std::uint64_t max_pixels = 100'000'000;
  /// Polled between photos; true ends the evaluation, and the report covers the photos done so far.
  std::function<bool()> should_stop = {};
};

/// A share or a mean over photos with its 95 % confidence interval.
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
  /// mAP@K, K being the largest k: the mean over photos of sum_i P(i) r(i) / min(R, K), where r(i) tells
  /// whether hit i shows the product, P(i) is the share of the first i hits that do, and R the number of the
  /// product's items.
  Share mean_average_precision;
};

struct LatencyReport {
  std::string stage;  ///< "decode", "embed", "hamming" or "rerank"
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
};

/// How the boxes that the model finds meet the given ones. A photo without a found box counts as one whose
/// box is the whole photo.
struct BoxReport {
  std::size_t num_photos = 0;
  Share mean_overlap;         ///< intersection over union
  Share above_half;           ///< share of photos with an overlap above 0.5
  Share above_threequarters;  ///< above 0.75
};

/// What one photo got.
struct PhotoOutcome {
  std::string path;
  std::string product;
  struct Ranked {
    std::optional<std::size_t> first_rank;  ///< of the product, from 1; unset: beyond the largest k
    double average_precision = 0;
  };
  std::vector<Ranked> rankings;  ///< as EvaluationReport::rankings
  std::optional<double> box_overlap;
  /// The first hit as search gives it, and the nearest picture of the right product by cosine.
  std::string found_path;
  std::string found_product;
  double found_score = 0;
  std::string right_path;
  double right_score = 0;
};

struct EvaluationReport {
  std::size_t num_evaluated = 0;
  std::vector<RankingReport> rankings;
  /// Share of photos whose most probable category is the true one, over `num_with_category` photos; unset if
  /// that is 0.
  std::optional<Share> category_accuracy;
  /// Likewise of the two opinions that this comes from, the model's and the vote of the nearest items, over
  /// the photos for which there is one.
  std::optional<Share> model_category_accuracy;
  std::optional<Share> search_category_accuracy;
  std::size_t num_with_category = 0;
  /// Of the K nearest codes by comparing all, the share that the search at `target_recall` finds (rows at
  /// equal distance are equally good).
  Share linear_recall;
  std::optional<BoxReport> boxes;  ///< unset if no query has a box
  std::vector<LatencyReport> latencies;
  std::vector<PhotoOutcome> photos;  ///< evaluated ones, in query order
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

/// By how much a figure differs between two evaluations.
struct FigureDifference {
  std::string ranking;
  std::string figure;  ///< "recall @4", "mAP @20"
  double first = 0;
  double second = 0;
  Share difference;  ///< second - first; the interval is that of the paired bootstrap over photos
  /// Whether the interval leaves out 0.
  bool is_certain() const { return difference.low > 0 || difference.high < 0; }
};

struct Comparison {
  std::size_t num_photos = 0;  ///< evaluated by both: the same path and product
  std::vector<FigureDifference> differences;
};

/// Compares two evaluations, of two models or two settings say, photo by photo: far sharper than looking
/// whether their intervals overlap. Both must come from equal `ks`: then a rank beyond the largest of them is
/// unknown in both; of other ks the figures of `second` beyond its own largest k count as misses.
Comparison compare(const EvaluationReport& first, const EvaluationReport& second,
                   const EvaluationOptions& options = {});

}  // namespace vitrine
