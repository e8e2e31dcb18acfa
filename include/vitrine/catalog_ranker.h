// SPDX-License-Identifier: MIT
#pragma once
/// The quality ranker that a catalogue keeps, where every Engine finds it: QualityRanking::use_trained.
#include <optional>

#include "vitrine/catalog.h"
#include "vitrine/quality_ranker.h"

namespace vitrine {

/// Keeps the ranker in the catalogue, with the next commit, in place of an earlier one.
void store_quality_ranker(Catalog& catalog, const QualityRanker& ranker);

/// The ranker that was stored; nothing if none was. Errors: those of QualityRanker::from_bytes.
std::optional<QualityRanker> stored_quality_ranker(const Catalog& catalog);

}  // namespace vitrine
