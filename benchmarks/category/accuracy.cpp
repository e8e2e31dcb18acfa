// SPDX-License-Identifier: MIT
#include "category/accuracy.h"

#include <algorithm>
#include <memory>

namespace vitrine::benchmarks {
namespace {

std::string winner(const std::vector<double>& opinion, const std::vector<std::string>& names) {
  const auto best = best_categories(opinion, names, 1);
  return best.empty() ? std::string() : best.front().name;
}

}  // namespace

CategoryModel shipped_model(const Embedder& embedder) {
  return {embedder.info().categories,
          [](const Embedding& embedding) { return embedding.category_probabilities; }};
}

CategoryModel head_on(const PictureSet& pictures) {
  LabelledFeatures data{{}, pictures.labels};
  for (const Embedding& embedding : pictures.embeddings) data.features.push_back(embedding.feature);
  const auto head = std::make_shared<SoftmaxHead>(SoftmaxHead::train(data, kSeed));
  return {head->names(),
          [head](const Embedding& embedding) { return head->probabilities(embedding.feature); }};
}

void TestAnswers::append(const TestAnswers& more) {
  model.insert(model.end(), more.model.begin(), more.model.end());
  search.insert(search.end(), more.search.begin(), more.search.end());
  fused.insert(fused.end(), more.fused.begin(), more.fused.end());
  confidences.insert(confidences.end(), more.confidences.begin(), more.confidences.end());
  by_alpha.resize(more.by_alpha.size());
  for (std::size_t i = 0; i < by_alpha.size(); ++i)
    by_alpha[i].insert(by_alpha[i].end(), more.by_alpha[i].begin(), more.by_alpha[i].end());
  fusion = more.fusion;
}

std::vector<CategorySample> samples_of(const PictureSet& pictures, const PictureSet& gallery,
                                       const std::vector<std::string>& names, const CategoryModel& model) {
  const auto neighbors = neighbors_of(pictures, gallery, names, kNumVoters);
  std::vector<CategorySample> samples;
  for (std::size_t i = 0; i < pictures.size(); ++i)
    samples.push_back({pictures.labels[i], model.probabilities(pictures.embeddings[i]), neighbors[i]});
  return samples;
}

TestAnswers ask(const CategoryFusion& fusion, const CategoryModel& model, const PictureSet& gallery,
                const PictureSet& test) {
  const std::vector<std::string> names = names_of(gallery);
  const CategoryPredictor predictor(fusion, model.names, names);
  TestAnswers answers;
  answers.fusion = fusion;
  answers.by_alpha.resize(kAlphaSteps + 1);
  for (const CategorySample& sample : samples_of(test, gallery, names, model)) {
    const CategoryPrediction prediction = predictor.predict(sample.model_probabilities, sample.neighbors);
    const auto is_right = [&](const std::vector<double>& opinion) {
      return winner(opinion, predictor.names()) == sample.category;
    };
    answers.model.push_back(is_right(prediction.model));
    answers.search.push_back(is_right(prediction.search));
    answers.fused.push_back(is_right(prediction.fused));
    answers.confidences.push_back(*std::max_element(prediction.fused.begin(), prediction.fused.end()));
    for (std::size_t step = 0; step <= kAlphaSteps; ++step) {
      const double alpha = static_cast<double>(step) / kAlphaSteps;
      const std::vector<double> alphas(predictor.names().size(), alpha);
      answers.by_alpha[step].push_back(is_right(predictor.fuse(prediction.model, prediction.search, alphas)));
    }
  }
  return answers;
}

CategoryFusion fit(const CategoryModel& model, const PictureSet& gallery, const PictureSet& fitting) {
  const std::vector<std::string> names = names_of(gallery);
  return fit_category_fusion(samples_of(fitting, gallery, names, model), model.names, names).fusion;
}

TestAnswers fit_and_ask(const CategoryModel& model, const PictureSet& gallery, const PictureSet& fitting,
                        const PictureSet& test) {
  return ask(fit(model, gallery, fitting), model, gallery, test);
}

double share(const std::vector<bool>& answers) {
  return static_cast<double>(std::count(answers.begin(), answers.end(), true)) /
         static_cast<double>(std::max<std::size_t>(answers.size(), 1));
}

double calibration_error(const TestAnswers& answers) {
  return expected_calibration_error(reliability_of(answers.confidences, answers.fused));
}

}  // namespace vitrine::benchmarks
