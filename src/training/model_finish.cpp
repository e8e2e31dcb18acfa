// SPDX-License-Identifier: MIT
#include "training/model_finish.h"

#include <iomanip>
#include <limits>
#include <sstream>

#include "training/box_score_choice.h"
#include "training/category_head.h"
#include "training/code_rotation.h"
#include "training/feature_extraction.h"
#include "training/model_export.h"

namespace vitrine::training {
namespace {

constexpr std::size_t kCalibrationSamples = 200;

std::vector<std::size_t> training_indices(const PicturePool& pool, std::size_t limit) {
  return select_pictures(pool, limit,
                         [](const PooledPicture& picture) { return picture.split == Split::kTrain; });
}

torch::Tensor categories_of(const PicturePool& pool, const std::vector<std::size_t>& picture_indices) {
  std::vector<std::int64_t> result;
  for (const std::size_t i : picture_indices) result.push_back(pool.pictures[i].category_index);
  return torch::tensor(result, torch::kInt64);
}

// Of the head on the validation pictures with a category; NaN without any.
double validation_accuracy(const CategoryHead& head, EmbeddingNetwork& network, const PicturePool& pool,
                           int side_px) {
  const auto pictures = select_pictures(pool, pool.pictures.size(), [](const PooledPicture& picture) {
    return picture.split == Split::kValidation && picture.category_index >= 0;
  });
  if (pictures.empty()) return std::numeric_limits<double>::quiet_NaN();
  return accuracy(head, extract_features(network, pool, pictures, side_px), categories_of(pool, pictures));
}

CategoryHead fit_last_layers(EmbeddingNetwork& network, const PicturePool& pool, int side_px,
                             const TrainingCallbacks& callbacks, TrainingReport& report) {
  const auto say = [&](const char* message) {
    if (callbacks.on_message) callbacks.on_message(message);
  };
  say("turning the features so that their signs are good codes");
  const auto pictures = training_indices(pool, pool.pictures.size());
  const torch::Tensor features = extract_features(network, pool, pictures, side_px);
  const torch::Tensor rotation = fit_code_rotation(features);
  rotate_features(network, rotation);
  report.category_head_accuracy = std::numeric_limits<double>::quiet_NaN();
  if (pool.categories.empty()) return {};
  say("fitting the category head");
  const torch::Tensor categories = categories_of(pool, pictures);
  const torch::Tensor labelled = torch::nonzero(categories >= 0).squeeze(1);
  const CategoryHead head = fit_category_head(torch::mm(features.index_select(0, labelled), rotation),
                                              categories.index_select(0, labelled),
                                              static_cast<std::int64_t>(pool.categories.size()));
  report.category_head_accuracy = validation_accuracy(head, network, pool, side_px);
  return head;
}

double min_box_score(EmbeddingNetwork& network, const PicturePool& pool, int side_px,
                     const TrainingCallbacks& callbacks) {
  const auto say = [&](const std::string& message) {
    if (callbacks.on_message) callbacks.on_message(message);
  };
  say("comparing what is found with and without boxes");
  const BoxScoreChoice choice = choose_min_box_score(network, pool, side_px);
  if (choice.recall > 0) {
    std::ostringstream text;
    text << std::setprecision(3) << "boxes surer than " << choice.min_box_score << " are used: recall "
         << 100 * choice.recall << " %, with all boxes " << 100 * choice.recall_with_all_boxes
         << " %, without any " << 100 * choice.recall_without_boxes << " %";
    say(text.str());
  }
  return choice.min_box_score;
}

}  // namespace

int inference_px(const TrainingOptions& options) {
  return options.inference_px == 0 ? options.input_px : options.inference_px;
}

void finish_model(EmbeddingNetwork& network, const DetectorNetwork& detector, const PicturePool& pool,
                  const TrainingOptions& options, const TrainingCallbacks& callbacks,
                  const std::string& digest, TrainingReport& report) {
  const int side_px = inference_px(options);
  const CategoryHead head = fit_last_layers(network, pool, side_px, callbacks, report);
  report.categories = pool.categories;
  ModelDescription description{
      options.name,        side_px,
      pool.categories,     options.detector_px,
      options.crop_margin, detector ? min_box_score(network, pool, side_px, callbacks) : 0,
      options.center_view, {}};
  std::ostringstream share;
  share << options.initial_share;
  description.provenance = {{"training", digest + " share=" + share.str()}};
  if (callbacks.on_message) callbacks.on_message("finding the ranges for 8-bit arithmetic");
  std::vector<Image> samples;
  for (const std::size_t i : training_indices(pool, kCalibrationSamples))
    samples.push_back(described_part(pool.pictures[i], pool.margin));
  export_model(network, detector, head, description, samples, options.output);
}

}  // namespace vitrine::training
