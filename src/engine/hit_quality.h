// SPDX-License-Identifier: MIT
#pragma once
/// Hits in the order that SearchOptions::quality asks for.
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/engine.h"
#include "vitrine/quality_ranker.h"

namespace vitrine::engine {

/// ErrorCode::kInvalidArgument, beginning with `attempt`, for a column that the catalogue does not have,
/// naming similar ones.
void require_columns(std::span<const std::string> columns, const Catalog& catalog,
                     const std::string& attempt);

/// One search's way of ranking. Refers to its arguments.
class HitRanking {
 public:
  /// `ranker`, which may be null, is the catalogue's. ErrorCode::kInvalidArgument: see
  /// SearchOptions::quality.
  HitRanking(const QualityRanking& ranking, const QualityRanker* ranker, const Catalog& catalog);

  /// What an item has in the columns; standings are not known yet.
  HitQuality values_of(const Item& item) const;

  /// Orders hits that have their values, most similar first, gives them ranks from 1 and keeps the first `k`.
  void order(std::size_t k, std::vector<Hit>& hits) const;

 private:
  void judge_by_columns(std::vector<Hit>& hits) const;
  void judge_by_ranker(std::vector<Hit>& hits) const;

  const QualityRanking& ranking_;
  const QualityRanker* ranker_;  // null: by columns
  std::vector<std::string> columns_;
  double code_bits_;
};

}  // namespace vitrine::engine
