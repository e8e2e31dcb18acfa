// SPDX-License-Identifier: MIT
#pragma once
/// Hits in the order that SearchOptions::quality asks for.
#include <cstddef>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/engine.h"

namespace vitrine::engine {

/// ErrorCode::kInvalidArgument as QualityRanking::validate, and for a column that the catalogue does not
/// have, naming similar ones.
void check_columns(const QualityRanking& ranking, const Catalog& catalog);

/// What an item has in the columns; standings are not known yet.
HitQuality quality_values(const QualityRanking& ranking, const Item& item);

/// Orders hits that have their `quality_values`, gives them ranks from 1 and keeps the first `k`.
void rank_by_quality(const QualityRanking& ranking, std::size_t k, std::vector<Hit>& hits);

}  // namespace vitrine::engine
