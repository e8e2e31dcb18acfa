// SPDX-License-Identifier: MIT
#include "engine/exact_neighbors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>

#include "base/parallel.h"
#include "vitrine/error.h"
#include "vitrine/rerank.h"

namespace vitrine::engine {
namespace {

// What a thread takes at a time.
constexpr std::size_t kPartRows = 16384;
// Features that stay in the first cache while all queries are compared with them.
constexpr std::size_t kTileRows = 16;

struct RatedRow {
  float cosine = 0;
  std::size_t row = 0;
};

// No order for cosines that are no numbers: they are never offered.
bool better(const RatedRow& left, const RatedRow& right) {
  return left.cosine > right.cosine || (left.cosine == right.cosine && left.row < right.row);
}

// The best few of the rows that were offered, best first.
class BestRows {
 public:
  explicit BestRows(std::size_t count) : count_(count) {}

  void offer(const RatedRow& offered) {
    if (rows_.size() == count_) {
      if (!better(offered, rows_.back())) return;
      rows_.pop_back();
    }
    rows_.insert(std::upper_bound(rows_.begin(), rows_.end(), offered, better), offered);
  }
  void offer(const BestRows& others) {
    for (const RatedRow& row : others.rows_) offer(row);
  }
  std::vector<std::size_t> rows() const {
    std::vector<std::size_t> result;
    for (const RatedRow& rated : rows_) result.push_back(rated.row);
    return result;
  }

 private:
  std::size_t count_;
  std::vector<RatedRow> rows_;
};

}  // namespace

std::vector<std::vector<std::size_t>> exact_neighbors(const SearchTable& table,
                                                      std::span<const std::size_t> queries, std::size_t count,
                                                      unsigned num_threads,
                                                      const std::function<bool()>& should_stop) {
  std::vector<std::vector<float>> features;
  for (const std::size_t query : queries)
    features.push_back(to_float({table.feature(query), table.feature_dim()}));
  const std::vector<std::size_t> rows = table.rows();
  const std::vector<BestRows> none(queries.size(), BestRows(count));
  std::vector<BestRows> best = none;
  std::mutex mutex;  // of `best` and `should_stop`

  const auto compare = [&](std::size_t begin, std::size_t end, std::vector<BestRows>& found) {
    std::array<const Half*, kTileRows> tile{};
    for (std::size_t i = begin; i < end; ++i) tile[i - begin] = table.feature(rows[i]);
    for (std::size_t q = 0; q < queries.size(); ++q) {
      for (std::size_t i = begin; i < end; ++i) {
        const float cosine = dot(features[q], tile[i - begin]);
        if (!std::isnan(cosine) && rows[i] != queries[q]) found[q].offer({cosine, rows[i]});
      }
    }
  };
  base::for_each_part(num_threads, rows.size(), kPartRows, [&](std::size_t begin, std::size_t end) {
    std::vector<BestRows> found = none;
    for (std::size_t i = begin; i < end; i += kTileRows) compare(i, std::min(end, i + kTileRows), found);
    const std::lock_guard lock(mutex);
    if (should_stop && should_stop())
      throw Error(ErrorCode::kResource, "the comparison of all features was stopped");
    for (std::size_t q = 0; q < queries.size(); ++q) best[q].offer(found[q]);
  });

  std::vector<std::vector<std::size_t>> result;
  for (const BestRows& found : best) result.push_back(found.rows());
  return result;
}

}  // namespace vitrine::engine
