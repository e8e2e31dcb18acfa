// SPDX-License-Identifier: MIT
#pragma once
/// What the tools print about the prediction of categories.
#include <string>

#include "vitrine/catalog_categories.h"
#include "vitrine/engine.h"

namespace vitrine::tools {

/// What was fitted, and how well the samples come off.
std::string category_fit_text(const CatalogCategoryFit& fit);
/// Schema "vitrine.category_fit/1" (docs/cli.md).
std::string category_fit_json(const CatalogCategoryFit& fit);

/// "3 categories are new since the fit (boots, ...), 1 has no items any more (bags)"; empty if nothing
/// changed.
std::string category_changes_text(const CategoryChanges& changes);

/// The three opinions side by side, under the photo's name.
std::string classification_text(const std::string& photo, const Classification& classification);
/// One line, schema "vitrine.classification/1" (docs/cli.md).
std::string classification_json(const std::string& photo, const Classification& classification);

}  // namespace vitrine::tools
