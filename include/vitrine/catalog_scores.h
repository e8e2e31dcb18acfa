// SPDX-License-Identifier: MIT
#pragma once
/// The calibrations of scores (score_calibration.h, product_score_calibration.h) for a catalogue: fitted to
/// hits of photos whose product is known, or of its own items, and kept in it, where every Engine finds them:
/// Hit::probability.
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/category.h"
#include "vitrine/engine.h"
#include "vitrine/ingest.h"
#include "vitrine/product_score_calibration.h"
#include "vitrine/score_calibration.h"

namespace vitrine {

struct FitScoresOptions {
  /// Most photos or items to fit to, spread evenly over those there are.
  std::size_t max_samples = 2000;
  /// First hits of each that count.
  std::size_t num_hits = 20;
  /// Worker threads; 0: one per core.
  unsigned num_threads = 0;
  /// Called from one thread at a time. May be empty.
  std::function<void(const IngestProgress&)> on_progress{};
  /// Polled between pictures; true ends the work with ErrorCode::kResource.
  std::function<bool()> should_stop{};
};

/// How far predicted probabilities of hits can be believed.
struct ScoreReliability {
  std::size_t num_hits = 0;
  std::size_t num_same = 0;  ///< that show the same product
  /// Of hits held back from the fit.
  std::vector<ReliabilityBin> bins;
  double expected_error = 0;  ///< expected calibration error of `bins`
};

/// Of hits that are the best pictures of products (SearchOptions::group_by_product).
struct ProductScoreFit {
  ProductScoreCalibration calibration;
  ScoreReliability first;   ///< of the first hits
  ScoreReliability behind;  ///< of all others
  ScoreReliability all;
};

struct CatalogScoreFit {
  ScoreCalibration calibration;
  std::size_t num_queries = 0;
  std::size_t num_same = 0;  ///< pairs that show the same product, of ScoreCalibration::num_pairs()
  /// Of pairs held back from the fit.
  std::vector<ReliabilityBin> reliability;
  double expected_error = 0;            ///< expected calibration error of `reliability`
  ProductScoreFit products;             ///< of the same queries
  std::vector<IngestFailure> failures;  ///< photos that could not be read or whose product is not there
};

/// Fits to the hits of photos that are not of the catalogue; path and product of the entries count. A hit
/// that is the photo itself does not. ErrorCode::kInvalidArgument if no photo has a product that the
/// catalogue knows, or if all hits, or none, are right.
CatalogScoreFit fit_scores(const Engine& engine, std::span<const IngestEntry> photos,
                           const FitScoresOptions& options = {});

/// Fits to the hits of the catalogue's own items, each of which leaves itself out, of products with at least
/// two pictures. Pictures of one source are more alike than a stranger's photo is: photos of your own are
/// better.
CatalogScoreFit fit_scores(const Engine& engine, const FitScoresOptions& options = {});

/// Keeps the calibration in the catalogue, with the next commit, in place of an earlier one.
void store_score_calibration(Catalog& catalog, const ScoreCalibration& calibration);
void store_product_score_calibration(Catalog& catalog, const ProductScoreCalibration& calibration);

/// The calibration that was stored; nothing if none was. Errors: those of ScoreCalibration::from_bytes.
std::optional<ScoreCalibration> stored_score_calibration(const Catalog& catalog);
std::optional<ProductScoreCalibration> stored_product_score_calibration(const Catalog& catalog);

}  // namespace vitrine
