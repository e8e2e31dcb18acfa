// SPDX-License-Identifier: MIT
#include "engine/evaluation_figures.h"

#include <algorithm>
#include <utility>

#include "engine/bootstrap.h"

namespace vitrine::engine {
namespace {

bool is_within(const PhotoOutcome::Ranked& ranked, std::size_t k) {
  return ranked.first_rank && *ranked.first_rank <= k;
}

// The values of all photos for which `of` gives one.
template <typename Value, typename Of>
std::vector<Value> values_of(const std::vector<EvaluatedPhoto>& photos, Of of) {
  std::vector<Value> values;
  for (const EvaluatedPhoto& photo : photos) {
    if (const std::optional<Value> value = of(photo)) values.push_back(*value);
  }
  return values;
}

RankingReport ranking_report(std::size_t ranking, const std::vector<EvaluatedPhoto>& photos,
                             const EvaluationOptions& options) {
  RankingReport report{std::string(kRankings[ranking]), {}, {}};
  for (const std::size_t k : options.ks) {
    const auto found = values_of<bool>(photos, [&](const EvaluatedPhoto& photo) {
      return std::optional(is_within(photo.outcome.rankings[ranking], k));
    });
    report.recalls.push_back({k, bootstrap_share(found, options.num_resamples, options.seed)});
  }
  const auto precisions = values_of<double>(photos, [&](const EvaluatedPhoto& photo) {
    return std::optional(photo.outcome.rankings[ranking].average_precision);
  });
  report.mean_average_precision = bootstrap_mean(precisions, options.num_resamples, options.seed);
  return report;
}

std::optional<BoxReport> box_report(const std::vector<EvaluatedPhoto>& photos,
                                    const EvaluationOptions& options) {
  const auto overlaps =
      values_of<double>(photos, [](const EvaluatedPhoto& photo) { return photo.outcome.box_overlap; });
  if (overlaps.empty()) return std::nullopt;
  const auto above = [&](double threshold) {
    std::vector<bool> is_above;
    for (const double overlap : overlaps) is_above.push_back(overlap > threshold);
    return bootstrap_share(is_above, options.num_resamples, options.seed);
  };
  return BoxReport{overlaps.size(), bootstrap_mean(overlaps, options.num_resamples, options.seed), above(0.5),
                   above(0.75)};
}

std::vector<LatencyReport> latencies(const std::vector<EvaluatedPhoto>& photos) {
  std::vector<LatencyReport> reports;
  for (std::size_t stage = 0; stage < kStages.size(); ++stage) {
    const auto times_ms = values_of<double>(
        photos, [&](const EvaluatedPhoto& photo) { return std::optional(photo.times_ms[stage]); });
    reports.push_back({std::string(kStages[stage]), percentile(times_ms, 0.5), percentile(times_ms, 0.95),
                       percentile(times_ms, 0.99)});
  }
  return reports;
}

}  // namespace

PhotoOutcome::Ranked judge(const std::vector<bool>& is_right, std::size_t num_items, std::size_t k) {
  PhotoOutcome::Ranked ranked;
  double sum = 0;
  std::size_t num_right = 0;
  for (std::size_t i = 0; i < is_right.size(); ++i) {
    if (!is_right[i]) continue;
    ++num_right;
    if (!ranked.first_rank) ranked.first_rank = i + 1;
    sum += static_cast<double>(num_right) / static_cast<double>(i + 1);
  }
  if (num_right > 0) ranked.average_precision = sum / static_cast<double>(std::min(num_items, k));
  return ranked;
}

EvaluationReport figures_of(std::vector<EvaluatedPhoto> photos, const EvaluationOptions& options) {
  EvaluationReport report;
  report.num_evaluated = photos.size();
  for (std::size_t ranking = 0; ranking < kRankings.size(); ++ranking)
    report.rankings.push_back(ranking_report(ranking, photos, options));
  const auto category_share = [&](std::optional<bool> EvaluatedPhoto::*opinion) -> std::optional<Share> {
    const auto right = values_of<bool>(photos, [&](const EvaluatedPhoto& photo) { return photo.*opinion; });
    if (right.empty()) return std::nullopt;
    return bootstrap_share(right, options.num_resamples, options.seed);
  };
  report.num_with_category =
      static_cast<std::size_t>(std::count_if(photos.begin(), photos.end(), [](const EvaluatedPhoto& photo) {
        return photo.category_right.has_value();
      }));
  report.category_accuracy = category_share(&EvaluatedPhoto::category_right);
  report.model_category_accuracy = category_share(&EvaluatedPhoto::model_category_right);
  report.search_category_accuracy = category_share(&EvaluatedPhoto::search_category_right);
  const auto linear_recalls = values_of<double>(
      photos, [](const EvaluatedPhoto& photo) { return std::optional(photo.linear_recall); });
  report.linear_recall = bootstrap_mean(linear_recalls, options.num_resamples, options.seed);
  report.boxes = box_report(photos, options);
  report.latencies = latencies(photos);
  for (EvaluatedPhoto& photo : photos) report.photos.push_back(std::move(photo.outcome));
  return report;
}

}  // namespace vitrine::engine
