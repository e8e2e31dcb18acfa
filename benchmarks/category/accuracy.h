// SPDX-License-Identifier: MIT
#pragma once
// How often model, search and their fusion name the right category, and how well they know it.
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "category/paired_bootstrap.h"
#include "category/picture_set.h"
#include "category/softmax_head.h"
#include "vitrine/category.h"

namespace vitrine::benchmarks {

inline constexpr std::size_t kNumVoters = 30;
inline constexpr std::size_t kResamples = 2000;
inline constexpr std::uint64_t kSeed = 1;

// Says how probable each of its categories is.
struct CategoryModel {
  std::vector<std::string> names;
  std::function<std::vector<float>(const Embedding&)> probabilities;
};
// What the model file itself says.
CategoryModel shipped_model(const Embedder& embedder);
// A head trained on the features of these pictures.
CategoryModel head_on(const PictureSet& pictures);

// The answers to the queries of one test, and the confidence of the fused ones.
struct TestAnswers {
  std::vector<bool> model;
  std::vector<bool> search;
  std::vector<bool> fused;
  std::vector<double> confidences;
  std::vector<std::vector<bool>> by_alpha;  // fused without any fitted weight: [kAlphaSteps + 1][queries]
  CategoryFusion fusion;                    // the last one fitted

  void append(const TestAnswers& more);
};
inline constexpr std::size_t kAlphaSteps = 20;

std::vector<CategorySample> samples_of(const PictureSet& pictures, const PictureSet& gallery,
                                       const std::vector<std::string>& names, const CategoryModel& model);

// With the gallery as catalogue.
CategoryFusion fit(const CategoryModel& model, const PictureSet& gallery, const PictureSet& fitting);
// Fits on `fitting` and asks for `test`.
TestAnswers fit_and_ask(const CategoryModel& model, const PictureSet& gallery, const PictureSet& fitting,
                        const PictureSet& test);
// Asks with a fusion at hand.
TestAnswers ask(const CategoryFusion& fusion, const CategoryModel& model, const PictureSet& gallery,
                const PictureSet& test);

double share(const std::vector<bool>& answers);
double calibration_error(const TestAnswers& answers);

}  // namespace vitrine::benchmarks
