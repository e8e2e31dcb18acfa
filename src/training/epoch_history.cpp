// SPDX-License-Identifier: MIT
#include "training/epoch_history.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace vitrine {
namespace {

constexpr std::size_t kNumFigures = 14;

}  // namespace

double EpochFigures::score() const {
  for (const double figure : {recall_photos, recall_shop, triplet_accuracy}) {
    if (!std::isnan(figure)) return figure;
  }
  return category_by_ten;
}

std::string training::to_json(const std::vector<EpochFigures>& epochs) {
  nlohmann::json figures = nlohmann::json::array();
  for (const EpochFigures& e : epochs) {
    figures.push_back({e.epoch, e.loss, e.identity_loss, e.category_loss, e.retention_loss, e.recall_shop,
                       e.recall_photos, e.category_by_ten, e.seconds, e.quantization_loss, e.triplet_accuracy,
                       e.box_overlap, e.box_hits, e.box_area});
  }
  return figures.dump();  // NaN becomes null
}

std::vector<EpochFigures> training::epochs_from_json(const std::string& text) {
  const auto value = [](const nlohmann::json& entry) {
    return entry.is_number() ? entry.get<double>() : std::numeric_limits<double>::quiet_NaN();
  };
  std::vector<EpochFigures> epochs;
  for (const auto& e : nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false)) {
    if (!e.is_array() || e.size() != kNumFigures || !e[0].is_number_integer()) continue;
    epochs.push_back({e[0].get<int>(), value(e[1]), value(e[2]), value(e[3]), value(e[4]), value(e[5]),
                      value(e[6]), value(e[7]), value(e[8]), value(e[9]), value(e[10]), value(e[11]),
                      value(e[12]), value(e[13])});
  }
  return epochs;
}

}  // namespace vitrine
