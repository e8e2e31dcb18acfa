// SPDX-License-Identifier: MIT
#include "vitrine/quality_ranker.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "rank/ranker_features.h"
#include "rank/ranker_format.h"
#include "rank/ranker_tree.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

void require(bool holds, const std::string& what) {
  if (!holds) throw Error(ErrorCode::kInvalidArgument, "impossible quality ranker: " + what);
}

void check_scale(const ColumnScale& scale) {
  const std::vector<double>& quantiles = scale.quantiles;
  require(quantiles.size() >= 2, "column '" + scale.name + "' needs 2 quantiles");
  require(std::all_of(quantiles.begin(), quantiles.end(), [](double x) { return std::isfinite(x); }) &&
              std::is_sorted(quantiles.begin(), quantiles.end()) && quantiles.front() < quantiles.back(),
          "the quantiles of column '" + scale.name + "' must be finite, ascending and not all equal");
}

void check_tree(const RankerTree& tree, std::size_t num_features) {
  require(!tree.empty(), "a tree has no node");
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const RankerNode& node = tree[i];
    require(std::isfinite(node.value) && std::isfinite(node.threshold), "a number is not finite");
    if (node.feature == RankerNode::kLeaf) continue;
    require(
        node.feature >= 0 && static_cast<std::size_t>(node.feature) < num_features,
        "a node asks for feature " + std::to_string(node.feature) + " of " + std::to_string(num_features));
    // So no walk can go round.
    require(node.below > i && node.at_least > i && node.below < tree.size() && node.at_least < tree.size(),
            "a node's children must come behind it and be there");
  }
}

}  // namespace

std::string ranker_source_name(std::size_t source, std::span<const ColumnScale> scales) {
  constexpr const char* kVisual[kNumVisualFeatures] = {"similarity", "distance from the best",
                                                       "code distance"};
  return source < kNumVisualFeatures ? kVisual[source] : scales[source - kNumVisualFeatures].name;
}

std::string_view to_string(RankerTarget target) {
  return target == RankerTarget::kPurchase ? "purchase" : "click";
}

QualityRanker::QualityRanker(Parts parts) : parts_(std::move(parts)) {
  require(parts_.target == RankerTarget::kClick || parts_.target == RankerTarget::kPurchase,
          "its target is unknown");
  require(std::isfinite(parts_.bias), "the bias is not finite");
  require(parts_.top_probability > 0 && parts_.top_probability <= 1,
          "top_probability must be above 0 and at most 1");
  for (const ColumnScale& scale : parts_.scales) check_scale(scale);
  for (const RankerTree& tree : parts_.trees) check_tree(tree, rank::num_features(parts_.scales.size()));
  base_log_odds_ = parts_.bias;
  for (const RankerTree& tree : parts_.trees) base_log_odds_ += tree.front().value;
}

std::vector<RankerJudgement> QualityRanker::judge(std::span<const RankerInput> hits) const {
  const std::size_t num_columns = parts_.scales.size();
  for (const RankerInput& hit : hits) {
    if (hit.values.size() != num_columns)
      throw Error(ErrorCode::kInvalidArgument, "cannot judge a hit: expected " + std::to_string(num_columns) +
                                                   " values, found " + std::to_string(hit.values.size()));
  }
  const std::vector<float> features = rank::page_features(hits, parts_.scales);
  const std::size_t width = rank::num_features(num_columns);
  std::vector<RankerJudgement> judgements(hits.size());
  for (std::size_t i = 0; i < hits.size(); ++i) {
    RankerJudgement& judgement = judgements[i];
    const std::span<const float> row = std::span(features).subspan(i * width, width);
    judgement.contributions = rank::contributions(row, parts_.trees);
    const double log_odds =
        std::accumulate(judgement.contributions.begin(), judgement.contributions.end(), base_log_odds_);
    judgement.probability = 1 / (1 + std::exp(-log_odds));
    judgement.quality = std::min(1.0, judgement.probability / parts_.top_probability);
    for (std::size_t column = 0; column < num_columns; ++column) {
      const double standing = row[rank::num_features(column) + 1];
      judgement.standings.push_back(std::isnan(standing) ? std::nullopt : std::optional(standing));
    }
  }
  return judgements;
}

std::vector<std::byte> QualityRanker::to_bytes() const {
  return rank::write_ranker(parts_);
}

QualityRanker QualityRanker::from_bytes(std::span<const std::byte> bytes) {
  return rank::read_ranker(bytes);
}

}  // namespace vitrine
