// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <unordered_map>

#include "category/alpha_fit.h"
#include "category/line_search.h"
#include "vitrine/category.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using category::minimize;
using category::OpinionPair;

constexpr double kLowestLambda = 0.1;
constexpr double kHighestLambda = 300;
constexpr double kHighestTemperature = 20;
constexpr int kGridPoints = 41;
// Likelihoods are those of opinions with so much of all categories mixed in. A vote without a right neighbour
// is common and must not decide everything; a calibrated opinion hardly ever calls the truth impossible, and
// must pay for it, or it stays too sure of itself.
constexpr double kUniformShareOfVotes = 0.01;
constexpr double kUniformShareOfOpinions = 0.001;
// Opinions below this do not move a weight.
constexpr double kNegligible = 1e-4;

// The samples whose true category some side knows, with its place among the names.
struct KnownSample {
  const CategorySample* sample = nullptr;
  std::size_t truth = 0;
};

class Fit {
 public:
  Fit(std::span<const CategorySample> samples, std::span<const std::string> model_categories,
      std::span<const std::string> search_categories, const CategoryFitOptions& options)
      : options_(options),
        start_(start(model_categories, search_categories, options)),
        predictor_(start_, model_categories, search_categories) {
    std::unordered_map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < predictor_.names().size(); ++i) places.emplace(predictor_.names()[i], i);
    for (const CategorySample& sample : samples) {
      const auto place = places.find(sample.category);
      if (place == places.end()) continue;
      samples_.push_back({&sample, place->second});
    }
    if (samples_.empty()) {
      throw Error(ErrorCode::kInvalidArgument,
                  "cannot fit the prediction of categories: of " + std::to_string(samples.size()) +
                      " samples none has a category that the model or the catalogue knows");
    }
  }

  CategoryFitReport run(std::size_t num_samples) {
    CategoryFitReport report;
    report.num_used = samples_.size();
    report.num_unknown = num_samples - samples_.size();
    CategoryFusion fusion = start_;
    fusion.num_samples = samples_.size();
    fit_lambda(fusion);
    fit_model_temperature(fusion);
    collect_opinions(fusion);
    fit_alphas(fusion);
    report.calibration_error_before = calibration_error(fused_);
    fit_fused_temperature(fusion);
    for (std::vector<double>& opinion : fused_) opinion = with_temperature(opinion, fusion.fused_temperature);
    report.calibration_error_after = calibration_error(fused_);
    report.model_accuracy = accuracy(model_);
    report.search_accuracy = accuracy(search_);
    report.fused_accuracy = accuracy(fused_);
    report.fusion = std::move(fusion);
    return report;
  }

 private:
  static CategoryFusion start(std::span<const std::string> model_categories,
                              std::span<const std::string> search_categories,
                              const CategoryFitOptions& options) {
    CategoryFusion fusion;
    fusion.num_neighbors = options.num_neighbors;
    fusion.model_categories.assign(model_categories.begin(), model_categories.end());
    fusion.search_categories.assign(search_categories.begin(), search_categories.end());
    return fusion;
  }

  double cost_of(const std::vector<double>& opinion, std::size_t truth, double uniform_share) const {
    const auto num_names = static_cast<double>(predictor_.names().size());
    return -std::log((1 - uniform_share) * opinion[truth] + uniform_share / num_names);
  }

  void fit_lambda(CategoryFusion& fusion) const {
    const auto cost = [&](double log_lambda) {
      double sum = 0;
      for (const KnownSample& known : samples_) {
        if (predictor_.sides()[known.truth] == CategoryPredictor::Side::kModel) continue;
        sum += cost_of(predictor_.search_opinion(known.sample->neighbors, std::exp(log_lambda)), known.truth,
                       kUniformShareOfVotes);
      }
      return sum;
    };
    if (cost(std::log(kLowestLambda)) == 0) return;
    fusion.lambda = std::exp(minimize(std::log(kLowestLambda), std::log(kHighestLambda), kGridPoints, cost));
  }

  // The temperature under which the opinions make the true categories most probable. One imagined sample
  // speaks for 1, so that a few right answers do not make the rest certain.
  double best_temperature(const std::vector<std::vector<double>>& opinions,
                          const std::vector<std::size_t>& truths) const {
    if (opinions.empty()) return 1;
    const double lowest = options_.samples_are_new ? -std::log(kHighestTemperature) : 0;
    return std::exp(minimize(lowest, std::log(kHighestTemperature), kGridPoints, [&](double log_temperature) {
      double sum = log_temperature * log_temperature;
      for (std::size_t i = 0; i < opinions.size(); ++i)
        sum += cost_of(with_temperature(opinions[i], std::exp(log_temperature)), truths[i],
                       kUniformShareOfOpinions);
      return sum;
    }));
  }

  void fit_model_temperature(CategoryFusion& fusion) const {
    std::vector<std::vector<double>> opinions;
    std::vector<std::size_t> truths;
    for (const KnownSample& known : samples_) {
      if (predictor_.sides()[known.truth] == CategoryPredictor::Side::kSearch) continue;
      if (known.sample->model_probabilities.empty()) continue;
      opinions.push_back(predictor_.model_opinion(known.sample->model_probabilities, 1));
      truths.push_back(known.truth);
    }
    fusion.model_temperature = best_temperature(opinions, truths);
  }

  void collect_opinions(const CategoryFusion& fusion) {
    for (const KnownSample& known : samples_) {
      model_.push_back(predictor_.model_opinion(known.sample->model_probabilities, fusion.model_temperature));
      search_.push_back(predictor_.search_opinion(known.sample->neighbors, fusion.lambda));
    }
  }

  // The opinions on what both sides know, of samples on which both speak.
  std::vector<OpinionPair> pairs() const {
    std::vector<OpinionPair> result;
    const auto sides = predictor_.sides();
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      if (sides[samples_[i].truth] != CategoryPredictor::Side::kBoth) continue;
      double model_sum = 0;
      double search_sum = 0;
      for (std::size_t c = 0; c < sides.size(); ++c) {
        if (sides[c] != CategoryPredictor::Side::kBoth) continue;
        model_sum += model_[i][c];
        search_sum += search_[i][c];
      }
      if (model_sum <= 0 || search_sum <= 0) continue;
      OpinionPair pair{samples_[i].truth, {}};
      for (std::size_t c = 0; c < sides.size(); ++c) {
        if (sides[c] != CategoryPredictor::Side::kBoth) continue;
        const double model = model_[i][c] / model_sum;
        const double search = search_[i][c] / search_sum;
        if (std::max(model, search) > kNegligible) pair.entries.push_back({c, model, search});
      }
      result.push_back(std::move(pair));
    }
    return result;
  }

  void fit_alphas(CategoryFusion& fusion) {
    const std::vector<OpinionPair> samples = pairs();
    if (!samples.empty()) {
      fusion.alpha = category::fit_alpha(samples);
      if (options_.per_category) {
        const auto own = category::useful_category_alphas(samples, predictor_.names().size(), fusion.alpha);
        for (std::size_t c = 0; own && c < own->size(); ++c) {
          if (predictor_.sides()[c] == CategoryPredictor::Side::kBoth)
            fusion.category_alphas.emplace(predictor_.names()[c], (*own)[c]);
        }
      }
    }
    fused_ = fuse_all(fusion);
  }

  std::vector<std::vector<double>> fuse_all(const CategoryFusion& fusion) const {
    std::vector<double> alphas;
    for (const std::string& name : predictor_.names()) {
      const auto own = fusion.category_alphas.find(name);
      alphas.push_back(own == fusion.category_alphas.end() ? fusion.alpha : own->second);
    }
    std::vector<std::vector<double>> fused;
    for (std::size_t i = 0; i < samples_.size(); ++i)
      fused.push_back(predictor_.fuse(model_[i], search_[i], alphas));
    return fused;
  }

  void fit_fused_temperature(CategoryFusion& fusion) const {
    std::vector<std::vector<double>> opinions;
    std::vector<std::size_t> truths;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      opinions.push_back(fused_[i]);
      truths.push_back(samples_[i].truth);
    }
    fusion.fused_temperature = best_temperature(opinions, truths);
  }

  static std::size_t winner(const std::vector<double>& opinion) {
    return static_cast<std::size_t>(std::max_element(opinion.begin(), opinion.end()) - opinion.begin());
  }

  bool is_right(const std::vector<double>& opinion, std::size_t sample) const {
    return winner(opinion) == samples_[sample].truth && opinion[samples_[sample].truth] > 0;
  }

  double accuracy(const std::vector<std::vector<double>>& opinions) const {
    std::size_t num_right = 0;
    for (std::size_t i = 0; i < opinions.size(); ++i) num_right += is_right(opinions[i], i) ? 1 : 0;
    return static_cast<double>(num_right) / static_cast<double>(opinions.size());
  }

  double calibration_error(const std::vector<std::vector<double>>& opinions) const {
    std::vector<double> confidences;
    std::vector<bool> right;
    for (std::size_t i = 0; i < opinions.size(); ++i) {
      confidences.push_back(opinions[i][winner(opinions[i])]);
      right.push_back(is_right(opinions[i], i));
    }
    return expected_calibration_error(reliability_of(confidences, right));
  }

  CategoryFitOptions options_;
  CategoryFusion start_;
  CategoryPredictor predictor_;
  std::vector<KnownSample> samples_;
  std::vector<std::vector<double>> model_;
  std::vector<std::vector<double>> search_;
  std::vector<std::vector<double>> fused_;
};

}  // namespace

CategoryFitReport fit_category_fusion(std::span<const CategorySample> samples,
                                      std::span<const std::string> model_categories,
                                      std::span<const std::string> search_categories,
                                      const CategoryFitOptions& options) {
  return Fit(samples, model_categories, search_categories, options).run(samples.size());
}

}  // namespace vitrine
