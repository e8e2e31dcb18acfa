// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "vitrine/catalog_scores.h"

namespace vitrine::tools {

/// What was fitted, how far it may be believed, and which cosine means which probability.
std::string score_fit_text(const CatalogScoreFit& fit);
/// Schema "vitrine.score_fit/1" (docs/cli.md).
std::string score_fit_json(const CatalogScoreFit& fit);

}  // namespace vitrine::tools
