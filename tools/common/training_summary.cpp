// SPDX-License-Identifier: MIT
#include "common/training_summary.h"

#include <cmath>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

namespace vitrine::tools {
namespace {

std::string percent(double share) {
  if (std::isnan(share)) return "-";
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << share * 100 << " %";
  return text.str();
}

std::string number(double value) {
  if (std::isnan(value)) return "-";
  std::ostringstream text;
  text << std::fixed << std::setprecision(3) << value;
  return text.str();
}

nlohmann::json number_or_null(double value) {
  return std::isnan(value) ? nlohmann::json(nullptr) : nlohmann::json(value);
}

}  // namespace

std::string training_table_head() {
  return "epoch     loss  identity  category  retention   shop R@1  photo R@1  category by 10  triplets  "
         "IoU>0.5  mean IoU  "
         "seconds\n";
}

std::string training_table_row(const EpochFigures& figures) {
  std::ostringstream row;
  row << std::fixed << std::setw(5) << figures.epoch << std::setprecision(4) << std::setw(9) << figures.loss
      << std::setw(10) << figures.identity_loss << std::setw(10) << figures.category_loss << std::setw(11)
      << figures.retention_loss << std::setw(11) << percent(figures.recall_shop) << std::setw(11)
      << percent(figures.recall_photos) << std::setw(16) << percent(figures.category_by_ten) << std::setw(10)
      << percent(figures.triplet_accuracy) << std::setw(9) << percent(figures.box_hits) << std::setw(10)
      << number(figures.box_overlap) << std::setprecision(1) << std::setw(9) << figures.seconds << '\n';
  return row.str();
}

std::string training_summary_text(const TrainingReport& report, const TrainingOptions& options) {
  std::ostringstream text;
  text << "wrote " << options.output.string() << ": " << options.feature_dim << " dimensions, "
       << report.categories.size() << " categories";
  if (!report.categories.empty() && !std::isnan(report.category_head_accuracy)) {
    text << ", category head right for " << percent(report.category_head_accuracy)
         << " of the validation pictures";
  }
  text << '\n';
  if (report.best_epoch != report.epochs.back().epoch)
    text << "the weights are those of epoch " << report.best_epoch << ", the best one\n";
  if (report.triplets) {
    text << report.triplets->num_triplets << " triplets: learned from "
         << report.triplets->num_training_queries << " photos, " << report.triplets->num_products
         << " clicked products; " << report.triplets->num_validation_queries << " photos held out";
    if (report.triplets->num_missing > 0)
      text << "; " << report.triplets->num_missing << " triplets left out because pictures are missing";
    text << '\n';
  }
  if (report.detector) {
    text << "detection: " << std::fixed << std::setprecision(2);
    if (options.detector_steps > 0)
      text << "mean IoU " << report.detector->taught_overlap << " with what it was taught; ";
    text << "its boxes hold " << percent(report.detector->mean_area) << " of the photos, agreement "
         << report.detector->mean_score << '\n';
  }
  return text.str();
}

std::string training_summary_json(const TrainingReport& report, const TrainingOptions& options) {
  nlohmann::json epochs = nlohmann::json::array();
  for (const EpochFigures& e : report.epochs) {
    epochs.push_back({{"epoch", e.epoch},
                      {"loss", e.loss},
                      {"identity_loss", e.identity_loss},
                      {"category_loss", e.category_loss},
                      {"retention_loss", e.retention_loss},
                      {"recall_shop", number_or_null(e.recall_shop)},
                      {"recall_photos", number_or_null(e.recall_photos)},
                      {"category_by_ten", number_or_null(e.category_by_ten)},
                      {"quantization_loss", e.quantization_loss},
                      {"triplet_accuracy", number_or_null(e.triplet_accuracy)},
                      {"box_overlap", number_or_null(e.box_overlap)},
                      {"box_hits", number_or_null(e.box_hits)},
                      {"box_area", number_or_null(e.box_area)},
                      {"seconds", e.seconds}});
  }
  nlohmann::json summary = {{"schema", "vitrine.training/1"},
                            {"model", options.output.string()},
                            {"epochs", epochs},
                            {"best_epoch", report.best_epoch},
                            {"categories", report.categories},
                            {"category_head_accuracy", number_or_null(report.category_head_accuracy)},
                            {"num_failed", report.failures.size()}};
  if (report.detector) {
    summary["detector"] = {{"taught_overlap", report.detector->taught_overlap},
                           {"mean_area", report.detector->mean_area},
                           {"click_gain", report.detector->click_gain},
                           {"mean_score", report.detector->mean_score}};
  }
  if (report.triplets) {
    summary["triplets"] = {{"photos", report.triplets->num_training_queries},
                           {"photos_held_out", report.triplets->num_validation_queries},
                           {"triplets", report.triplets->num_triplets},
                           {"products", report.triplets->num_products},
                           {"without_pictures", report.triplets->num_missing}};
  }
  return summary.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace vitrine::tools
