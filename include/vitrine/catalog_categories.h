// SPDX-License-Identifier: MIT
#pragma once
/// The prediction of categories (category.h) for a catalogue: fitted on photos whose category is known, or on
/// its own items, and kept in it, where every Engine finds it. docs/categories.md explains the method.
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/category.h"
#include "vitrine/embedder.h"
#include "vitrine/ingest.h"

namespace vitrine {

struct FitCategoriesOptions {
  /// Most photos or items to fit on, spread evenly over those there are.
  std::size_t max_samples = 2000;
  /// Neighbours that vote.
  std::size_t num_neighbors = 30;
  /// Worker threads; 0: one per core.
  unsigned num_threads = 0;
  /// Called from one thread at a time. May be empty.
  std::function<void(const IngestProgress&)> on_progress{};
  /// Polled between pictures; true ends the work with ErrorCode::kResource.
  std::function<bool()> should_stop{};
};

struct CatalogCategoryFit {
  CategoryFitReport report;
  std::vector<IngestFailure> failures;  ///< pictures that could not be read
};

/// Fits on photos that are not of the catalogue; `path` and `category` of the entries count, and those
/// without a category are passed over. A photo that is in the catalogue nevertheless does not vote for
/// itself. ErrorCode::kInvalidArgument if no photo has a category that is known, or if the embedder is not
/// the catalogue's.
CatalogCategoryFit fit_categories(const Catalog& catalog, const Embedder& embedder,
                                  std::span<const IngestEntry> photos,
                                  const FitCategoriesOptions& options = {});

/// Fits on the catalogue's own items, each of which is a query that leaves itself (and items of the same
/// content) out. Their pictures are read again for the model's opinion; where they are gone, the vote is
/// fitted alone. The model may have been trained on these pictures and be surer of them than of new ones, so
/// it is never made surer (CategoryFitOptions::samples_are_new): photos of your own are better.
CatalogCategoryFit fit_categories(const Catalog& catalog, const Embedder& embedder,
                                  const FitCategoriesOptions& options = {});

/// Keeps the fusion in the catalogue, with the next commit, in place of an earlier one.
void store_category_fusion(Catalog& catalog, const CategoryFusion& fusion);

/// The fusion that was stored; nothing if none was. Errors: those of CategoryFusion::from_bytes.
std::optional<CategoryFusion> stored_category_fusion(const Catalog& catalog);

/// Categories that have items now and had none when the fusion was fitted, and the reverse. Predictions go by
/// name and go on; new categories are predicted by their items, without a weight of their own.
struct CategoryChanges {
  std::vector<std::string> added;
  std::vector<std::string> gone;
};
CategoryChanges category_changes(const CategoryFusion& fusion, const Catalog& catalog);

}  // namespace vitrine
