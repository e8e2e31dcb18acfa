// SPDX-License-Identifier: MIT
#include "vitrine/train_ranker.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "clicks/examination.h"
#include "engine/hit_quality.h"
#include "engine/model_check.h"
#include "ranker/boosted_trees.h"
#include "ranker/ranker_figures.h"
#include "ranker/ranker_samples.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using ranker::Samples;
using ranker::SplitSamples;

// Penalties of the regression, of which the held-back sessions choose.
constexpr double kRidges[] = {10, 100, 1000, 10'000};
// So many of the impressions are at most as probable as what counts as quality 1.
constexpr double kTopShare = 0.99;

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(ErrorCode::kInvalidArgument, "cannot train a ranker: " + reason);
}

std::vector<std::string> chosen_columns(const Catalog& catalog, const TrainRankerOptions& options) {
  if (options.columns.empty()) return catalog.quality_columns();
  engine::require_columns(options.columns, catalog, "cannot train a ranker");
  const std::set<std::string> distinct(options.columns.begin(), options.columns.end());
  if (distinct.size() < options.columns.size()) refuse("expected each column once, found one named twice");
  return options.columns;
}

void check_labels(const Samples& samples, RankerTarget target, const std::string& which) {
  const std::string name(to_string(target));
  const double count = std::accumulate(samples.labels.begin(), samples.labels.end(), 0.0);
  if (samples.size() == 0) refuse(which + " have no page view with known items and a readable photo");
  if (count == 0) refuse(which + " have no " + name + ", and a ranker learns from the difference");
  if (count == static_cast<double>(samples.size()))
    refuse(which + " have a " + name + " for every item, and a ranker learns from the difference");
}

std::vector<double> examination_of(const Samples& samples) {
  std::vector<clicks::Impression> impressions;
  for (std::size_t i = 0; i < samples.size(); ++i)
    impressions.push_back({samples.positions[i], 1.0 - samples.row(i)[0], samples.clicked[i]});
  return clicks::estimate_examination(impressions);
}

// Both parts, by what the training part tells; returns how often users look at each position.
std::vector<double> weigh(SplitSamples& split) {
  ranker::PositionShares shares{examination_of(split.training), {}};
  shares.clicked = ranker::click_rates(split.training, shares.examined.size());
  ranker::weigh(shares, split.training);
  ranker::weigh(shares, split.held_back);
  return shares.examined;
}

double log_odds_of_mean(const Samples& samples) {
  double positive = 0, total = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    positive += samples.labels[i] * samples.weights[i];
    total += samples.weights[i];
  }
  return std::log(positive / (total - positive));
}

QualityRanker::Parts fit(const SplitSamples& split, const TrainRankerOptions& options, RankerReport& report) {
  ranker::BoostedTrees grown = ranker::grow_trees(
      split.training.view(), split.held_back.view(),
      {options.max_trees, options.max_depth, options.learning_rate, options.patience, options.seed},
      [&](std::size_t num_trees, double) {
        if (options.on_progress) options.on_progress({"trees", num_trees, options.max_trees});
        if (options.should_stop && options.should_stop())
          throw Error(ErrorCode::kResource, "the training of the ranker was stopped");
        return true;
      });
  report.num_trees = grown.trees.size();
  report.tree_loss = grown.held_back[grown.trees.size() - 1];
  report.base_loss = rank::log_loss(split.held_back.view(), {}, log_odds_of_mean(split.training));
  QualityRanker::Parts best;
  for (const double ridge : kRidges) {
    std::vector<RankerTree> trees = grown.trees;
    const double bias = rank::fit_leaf_values(split.training.view(), ridge, trees);
    const double loss = rank::log_loss(split.held_back.view(), trees, bias);
    if (!best.trees.empty() && loss >= report.loss) continue;
    best.trees = std::move(trees);
    best.bias = bias;
    report.loss = loss;
    report.ridge = ridge;
  }
  return best;
}

double top_probability(const Samples& samples, const QualityRanker::Parts& parts) {
  std::vector<double> log_odds;
  for (std::size_t i = 0; i < samples.size(); ++i)
    log_odds.push_back(rank::log_odds(samples.row(i), parts.trees, parts.bias));
  const auto top =
      log_odds.begin() + static_cast<std::ptrdiff_t>(kTopShare * static_cast<double>(log_odds.size() - 1));
  std::nth_element(log_odds.begin(), top, log_odds.end());
  return 1 / (1 + std::exp(-*top));
}

}  // namespace

void TrainRankerOptions::validate() const {
  const auto require = [](bool holds, const char* expectation) {
    if (!holds) refuse(std::string("expected ") + expectation);
  };
  require(max_views > 0, "max_views above 0");
  require(held_back_share > 0 && held_back_share < 1, "held_back_share above 0 and below 1");
  require(max_trees >= 1 && max_trees <= 10'000, "max_trees from 1 to 10000");
  require(max_depth >= 1 && max_depth <= 16, "max_depth from 1 to 16");
  require(learning_rate > 0 && learning_rate <= 1, "learning_rate above 0 and at most 1");
  require(patience >= 1, "patience of at least 1");
}

TrainedRanker train_ranker(const Catalog& catalog, const Embedder& embedder,
                           std::span<const std::filesystem::path> logs, const TrainRankerOptions& options) {
  options.validate();
  engine::check_model(catalog, embedder.info());
  const std::vector<std::string> columns = chosen_columns(catalog, options);
  RankerReport report;
  const clicks::ItemTable items(catalog);
  const ranker::ItemColumns item_columns(items, columns);
  report.unused = item_columns.scales().unused;
  report.warnings = item_columns.scales().warnings;
  if (item_columns.scales().scales.empty()) {
    std::string reason = "the catalogue has no numeric column to learn from; give some in the manifest";
    for (const UnusedColumn& column : report.unused) reason += "; '" + column.name + "' " + column.reason;
    refuse(reason);
  }
  const ranker::ViewLog log = ranker::read_views(items, logs, options, report);
  if (log.views.empty())
    refuse(report.num_unknown_items > 0
               ? "the catalogue has none of the " + std::to_string(report.num_unknown_items) +
                     " items that the logs name; is it another catalogue's log?"
               : "the logs have no page view");
  report.target = options.target.value_or(log.has_purchases ? RankerTarget::kPurchase : RankerTarget::kClick);
  SplitSamples split = ranker::make_samples(items, item_columns, embedder, log, options, report);
  report.num_items = split.training.size() + split.held_back.size();
  report.num_held_back_views = split.held_back.view_begins.size() - 1;
  report.num_views = split.training.view_begins.size() - 1 + report.num_held_back_views;
  for (const Samples* part : {&split.training, &split.held_back})
    report.num_positives +=
        static_cast<std::size_t>(std::accumulate(part->labels.begin(), part->labels.end(), 0.0));
  if (report.num_items == 0 && !report.failures.empty())
    refuse("none of the photos can be read; " + report.failures.front().path + ": " +
           report.failures.front().reason);
  check_labels(split.training, report.target, "the sessions to learn from");
  check_labels(split.held_back, report.target, "the sessions held back");
  report.examination = weigh(split);
  QualityRanker::Parts parts = fit(split, options, report);
  parts.scales = item_columns.scales().scales;
  parts.top_probability = top_probability(split.training, parts);
  parts.target = report.target;
  parts.num_views = report.num_views;
  parts.num_positives = report.num_positives;
  report.importances = ranker::importances(split.held_back, parts.trees, parts.scales);
  return {QualityRanker(std::move(parts)), std::move(report)};
}

}  // namespace vitrine
