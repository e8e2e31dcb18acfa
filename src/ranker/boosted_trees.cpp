// SPDX-License-Identifier: MIT
#include "ranker/boosted_trees.h"

#include <xgboost/c_api.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "vitrine/error.h"

namespace vitrine::ranker {
namespace {

void check(int status, const char* what) {
  if (status != 0)
    throw Error(ErrorCode::kInternal,
                std::string("growing trees: XGBoost could not ") + what + ": " + XGBGetLastError());
}

class Matrix {
 public:
  explicit Matrix(const rank::LeafSamples& samples) {
    check(XGDMatrixCreateFromMat(samples.features.data(), samples.size(), samples.num_features,
                                 std::numeric_limits<float>::quiet_NaN(), &handle_),
          "take the samples");
    set("label", samples.labels);
    set("weight", samples.weights);
  }
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;
  ~Matrix() { XGDMatrixFree(handle_); }
  DMatrixHandle handle() const { return handle_; }

 private:
  void set(const char* name, std::span<const float> values) {
    check(XGDMatrixSetFloatInfo(handle_, name, values.data(), values.size()), "take labels and weights");
  }
  DMatrixHandle handle_ = nullptr;
};

class Booster {
 public:
  Booster(const Matrix& samples, const Matrix& held_back, const BoostingOptions& options) {
    const DMatrixHandle matrices[] = {samples.handle(), held_back.handle()};
    check(XGBoosterCreate(matrices, 2, &handle_), "begin");
    set("objective", "binary:logistic");
    set("base_score", "0.5");
    set("tree_method", "hist");
    set("max_bin", "128");
    set("nthread", "1");
    set("verbosity", "0");
    set("subsample", "0.8");
    set("min_child_weight", "5");
    set("max_depth", std::to_string(options.max_depth));
    set("learning_rate", std::to_string(options.learning_rate));
    set("seed", std::to_string(options.seed & 0x7fffffff));  // it takes no larger one
  }
  Booster(const Booster&) = delete;
  Booster& operator=(const Booster&) = delete;
  ~Booster() { XGBoosterFree(handle_); }

  void grow(int round, const Matrix& samples) {
    check(XGBoosterUpdateOneIter(handle_, round, samples.handle()), "grow a tree");
  }

  /// Log odds of all samples by XGBoost itself, of the first `num_trees`.
  std::vector<float> log_odds(const Matrix& samples, std::size_t num_trees) {
    const nlohmann::json config = {{"type", 1},
                                   {"training", false},
                                   {"iteration_begin", 0},
                                   {"iteration_end", num_trees},
                                   {"strict_shape", false}};
    const bst_ulong* shape = nullptr;
    bst_ulong dim = 0;
    const float* values = nullptr;
    check(
        XGBoosterPredictFromDMatrix(handle_, samples.handle(), config.dump().c_str(), &shape, &dim, &values),
        "predict");
    return {values, values + shape[0]};
  }

  std::vector<nlohmann::json> dump() {
    bst_ulong count = 0;
    const char** texts = nullptr;
    check(XGBoosterDumpModelEx(handle_, "", 0, "json", &count, &texts), "write its trees");
    std::vector<nlohmann::json> trees;
    for (bst_ulong i = 0; i < count; ++i) trees.push_back(nlohmann::json::parse(texts[i]));
    return trees;
  }

 private:
  void set(const char* name, const std::string& value) {
    check(XGBoosterSetParam(handle_, name, value.c_str()), "be set up");
  }
  BoosterHandle handle_ = nullptr;
};

// Appends the node and all below it, parents first.
std::uint32_t append(const nlohmann::json& node, RankerTree& tree) {
  const auto place = static_cast<std::uint32_t>(tree.size());
  tree.emplace_back();
  if (node.contains("leaf")) {
    tree[place].value = node["leaf"].get<double>();
    return place;
  }
  RankerNode made;
  made.feature = std::stoi(node["split"].get<std::string>().substr(1));  // "f3"
  made.threshold = node["split_condition"].get<float>();
  made.missing_below = node["missing"] == node["yes"];
  const bool first_is_below = node["children"][0]["nodeid"] == node["yes"];
  made.below = append(node["children"][first_is_below ? 0 : 1], tree);
  made.at_least = append(node["children"][first_is_below ? 1 : 0], tree);
  tree[place] = made;
  return place;
}

double loss_of(const rank::LeafSamples& samples, std::span<const float> log_odds) {
  double loss = 0, total = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    loss += rank::log_loss_of(samples.labels[i], log_odds[i]) * samples.weights[i];
    total += samples.weights[i];
  }
  return loss / total;
}

// That our walk through a tree is XGBoost's own.
void compare(const rank::LeafSamples& samples, std::span<const RankerTree> trees,
             std::span<const float> expected) {
  constexpr double kTolerance = 1e-3;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double found = rank::log_odds(samples.row(i), trees, 0);
    if (std::abs(found - expected[i]) > kTolerance)
      throw Error(ErrorCode::kInternal, "growing trees: XGBoost gives sample " + std::to_string(i) +
                                            " log odds of " + std::to_string(expected[i]) +
                                            ", its trees as they were read give " + std::to_string(found));
  }
}

}  // namespace

BoostedTrees grow_trees(const rank::LeafSamples& samples, const rank::LeafSamples& held_back,
                        const BoostingOptions& options,
                        const std::function<bool(std::size_t num_trees, double held_back_loss)>& on_tree) {
  const Matrix training(samples);
  const Matrix judging(held_back);
  Booster booster(training, judging, options);
  BoostedTrees result;
  std::size_t best = 0;
  for (std::size_t round = 0; round < options.max_trees; ++round) {
    booster.grow(static_cast<int>(round), training);
    result.held_back.push_back(loss_of(held_back, booster.log_odds(judging, round + 1)));
    if (result.held_back[round] < result.held_back[best]) best = round;
    if (!on_tree(round + 1, result.held_back[round]) || round - best >= options.patience) break;
  }
  const std::vector<nlohmann::json> dumped = booster.dump();
  for (std::size_t i = 0; i <= best && i < dumped.size(); ++i) append(dumped[i], result.trees.emplace_back());
  compare(held_back, result.trees, booster.log_odds(judging, result.trees.size()));
  return result;
}

}  // namespace vitrine::ranker
