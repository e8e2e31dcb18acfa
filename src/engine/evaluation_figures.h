// SPDX-License-Identifier: MIT
#pragma once
/// From what single photos got to the figures of an evaluation.
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vitrine/evaluate.h"

namespace vitrine::engine {

inline constexpr std::array<std::string_view, 3> kRankings = {"float", "code", "code + re-rank"};
inline constexpr std::array<std::string_view, 4> kStages = {"decode", "embed", "hamming", "rerank"};

/// What one evaluated photo contributes.
struct EvaluatedPhoto {
  PhotoOutcome outcome;
  /// Unset: it names no category, or (model, search) that side has no opinion.
  std::optional<bool> category_right;
  std::optional<bool> model_category_right;
  std::optional<bool> search_category_right;
  double linear_recall = 0;
  std::array<double, kStages.size()> times_ms{};
};

/// Rank of the first true value, from 1, and average precision at K = `k`, see RankingReport: `is_right`
/// tells for the first hits, at most k of them, whether they show the product; `num_items` is how many items
/// do.
PhotoOutcome::Ranked judge(const std::vector<bool>& is_right, std::size_t num_items, std::size_t k);

/// All figures but what was skipped.
EvaluationReport figures_of(std::vector<EvaluatedPhoto> photos, const EvaluationOptions& options);

}  // namespace vitrine::engine
