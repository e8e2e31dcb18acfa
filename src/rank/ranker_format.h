// SPDX-License-Identifier: MIT
#pragma once
/// A quality ranker as bytes (docs/format.md, "Quality ranker").
#include <cstddef>
#include <span>
#include <vector>

#include "vitrine/quality_ranker.h"

namespace vitrine::rank {

std::vector<std::byte> write_ranker(const QualityRanker::Parts& parts);

/// Errors: those of QualityRanker::from_bytes.
QualityRanker read_ranker(std::span<const std::byte> bytes);

}  // namespace vitrine::rank
