// SPDX-License-Identifier: MIT
#include "common/score_report.h"

#include <nlohmann/json.hpp>

#include "common/number_text.h"

namespace vitrine::tools {
namespace {

using Json = nlohmann::ordered_json;

// Probabilities of which the cosine is told.
constexpr double kLandmarks[] = {0.1, 0.5, 0.9, 0.99};

Json calibration_json(const ScoreCalibration& calibration, const ScoreReliability& reliability) {
  return {
      {"hits", reliability.num_hits}, {"same", reliability.num_same},
      {"a", calibration.a()},         {"b", calibration.b()},
      {"c", calibration.c()},         {"expected_calibration_error", rounded(reliability.expected_error)}};
}

std::string product_text(const char* which, const ScoreReliability& reliability) {
  return formatted("%-14s%7zu hits, %6zu show the same product, expected calibration error %4.1f %%\n", which,
                   reliability.num_hits, reliability.num_same, reliability.expected_error * 100);
}

// The lowest cosine of at least this probability; above 1: there is none.
double cosine_of(const ScoreCalibration& calibration, double probability) {
  constexpr int kSteps = 1000;
  for (int i = 0; i <= kSteps; ++i) {
    const double cosine = static_cast<double>(i) / kSteps;
    if (calibration.probability(cosine) >= probability) return cosine;
  }
  return 2;
}

}  // namespace

std::string score_fit_text(const CatalogScoreFit& fit) {
  std::string text =
      formatted("%zu queries, %llu hits, %zu of them show the same product\n", fit.num_queries,
                static_cast<unsigned long long>(fit.calibration.num_pairs()), fit.num_same) +
      formatted("expected calibration error on hits held back: %.1f %%\n\n", fit.expected_error * 100) +
      "probability  from score\n";
  for (const double landmark : kLandmarks) {
    const double cosine = cosine_of(fit.calibration, landmark);
    text +=
        formatted("%9.0f %%  ", landmark * 100) + (cosine > 1 ? "never" : formatted("%.3f", cosine)) + "\n";
  }
  text += "\n   predicted       true   hits\n";
  for (const ReliabilityBin& bin : fit.reliability) {
    if (bin.count > 0)
      text += formatted("%10.1f %%%9.1f %%%7zu\n", bin.mean_confidence * 100, bin.accuracy * 100, bin.count);
  }
  return text + "\nproducts instead of pictures (--products)\n" +
         product_text("  first hits", fit.products.first) +
         product_text("  those behind", fit.products.behind) + product_text("  all", fit.products.all);
}

std::string score_fit_json(const CatalogScoreFit& fit) {
  Json object = {{"schema", "vitrine.score_fit/1"},
                 {"queries", fit.num_queries},
                 {"hits", fit.calibration.num_pairs()},
                 {"same", fit.num_same},
                 {"a", fit.calibration.a()},
                 {"b", fit.calibration.b()},
                 {"c", fit.calibration.c()},
                 {"expected_calibration_error", rounded(fit.expected_error)},
                 {"reliability", Json::array()},
                 {"products",
                  {{"first", calibration_json(fit.products.calibration.first, fit.products.first)},
                   {"behind", calibration_json(fit.products.calibration.behind, fit.products.behind)},
                   {"expected_calibration_error", rounded(fit.products.all.expected_error)}}},
                 {"failed", Json::array()}};
  for (const ReliabilityBin& bin : fit.reliability)
    object["reliability"].push_back(
        {{"predicted", rounded(bin.mean_confidence)}, {"true", rounded(bin.accuracy)}, {"hits", bin.count}});
  for (const IngestFailure& failure : fit.failures)
    object["failed"].push_back({{"path", failure.path}, {"reason", failure.reason}});
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vitrine::tools
