// SPDX-License-Identifier: MIT
#include "training/detection_stage.h"

#include <numeric>
#include <string>

#include "network/safetensors.h"
#include "training/box_histories.h"
#include "training/click_box_batches.h"
#include "training/optimizer_state.h"
#include "training/scene_batches.h"
#include "vitrine/error.h"

namespace vitrine::training {
namespace {

// Mean areas of boxes, as shares of the picture, beyond which the branch has learned nothing.
constexpr double kCollapsedArea = 0.01;
constexpr double kWholePictureArea = 0.97;

// Side of the boxes that a branch starts with, as a share of the picture's.
constexpr double kInitialSideForScenes = 0.7;
constexpr double kInitialSideForJoint = 0.85;

constexpr std::size_t kReportedSteps = 50;

// The steps after which boxes are looked at: early ones closer together, the last one always.
bool is_shown(std::size_t step, std::size_t num_steps) {
  if (step == num_steps) return true;
  for (const std::size_t part : {50, 20, 10, 4, 2}) {
    if (num_steps >= part && step == num_steps / part) return true;
  }
  return false;
}

void copy_from(DetectorNetwork& detector, const Checkpoint& checkpoint, const std::filesystem::path& path) {
  torch::NoGradGuard no_gradient;
  for (auto& [name, parameter] : detector->state()) {
    torch::Tensor target = parameter;
    target.copy_(saved_tensor(checkpoint, name, parameter, path));
  }
}

bool is_stopped(const TrainingCallbacks& callbacks) {
  return callbacks.should_stop && callbacks.should_stop();
}

void say(const TrainingCallbacks& callbacks, const std::string& message) {
  if (callbacks.on_message) callbacks.on_message(message);
}

// Returns false if it was stopped.
bool teach(DetectorNetwork& detector, const PicturePool& pool, const TrainingOptions& options,
           const TrainingCallbacks& callbacks, const std::function<BoxBatch(std::size_t)>& make_batch,
           DetectorFigures& figures) {
  double loss = 0;
  BoxHistories histories(pool, options.detector_px);
  histories.add(detector, "start");
  const bool is_taught = teach_boxes(detector, options, make_batch, [&](const DetectorStep& step) {
    if (is_shown(step.step, options.detector_steps))
      histories.add(detector, std::to_string(step.step) + " steps");
    loss += (step.loss - loss) / static_cast<double>(std::min(step.step, kReportedSteps));
    figures.taught_overlap +=
        (step.overlap - figures.taught_overlap) / static_cast<double>(std::min(step.step, kReportedSteps));
    if (callbacks.on_progress) {
      callbacks.on_progress(
          {0, step.step * options.batch_size, options.detector_steps * options.batch_size, loss});
    }
    return !is_stopped(callbacks);
  });
  figures.histories = histories.take();
  return is_taught;
}

bool teach_from_scenes(DetectorNetwork& detector, const PicturePool& pool, const TrainingOptions& options,
                       const TrainingCallbacks& callbacks, DetectorFigures& figures) {
  say(callbacks, "teaching detection on composed scenes");
  const SceneBatches scenes(pool, options);
  return teach(
      detector, pool, options, callbacks, [&](std::size_t i) { return scenes.make(i); }, figures);
}

bool teach_from_clicks(DetectorNetwork& detector, const DetectionSources& sources,
                       const TrainingOptions& options, const TrainingCallbacks& callbacks,
                       DetectorFigures& figures) {
  if (sources.triplets == nullptr) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot teach detection from clicks: the run has labels only; give triplets, or teach it on "
                "composed scenes");
  }
  say(callbacks, "looking for what was clicked in the photos");
  EmbeddingNetwork features = sources.features;
  const std::size_t num_photos = sources.triplets->training.size();
  std::vector<ClickBox> boxes =
      find_click_boxes(features, sources.pool, *sources.triplets, options, [&](std::size_t num_done) {
        if (callbacks.on_progress) callbacks.on_progress({0, num_done, num_photos, 0});
        return !is_stopped(callbacks);
      });
  if (is_stopped(callbacks)) return false;
  if (boxes.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot teach detection from clicks: every photo was clicked for all items that the triplets "
                "name, so nothing tells a product from the others");
  }
  for (const ClickBox& box : boxes) figures.click_gain += box.gain / static_cast<double>(boxes.size());
  say(callbacks, "teaching detection from clicks");
  const ClickBoxBatches batches(sources.pool, std::move(boxes), options);
  return teach(
      detector, sources.pool, options, callbacks, [&](std::size_t i) { return batches.make(i); }, figures);
}

}  // namespace

DetectorNetwork prepare_detector(const DetectionSources& sources, const TrainingOptions& options,
                                 const TrainingCallbacks& callbacks, const Checkpoint* resumed,
                                 DetectorFigures& figures) {
  torch::manual_seed(options.seed);  // of the head's initial weights
  const bool starts_near_whole = options.joint != JointKind::kNone && options.detector_steps == 0;
  DetectorNetwork detector =
      starts_near_whole ? DetectorNetwork(kInitialSideForJoint) : DetectorNetwork(kInitialSideForScenes);
  detector->move_to(sources.features->device());
  if (resumed != nullptr) {
    copy_from(detector, *resumed, options.checkpoint);
    return detector;
  }
  const auto init = network::SafetensorsFile::open(options.init);
  const bool has_detector = load_weights(detector, init);
  if (options.detector_steps == 0) {
    if (!has_detector && options.joint == JointKind::kNone) {
      throw Error(ErrorCode::kInvalidArgument, "cannot keep the detection branch of '" +
                                                   init.path().string() +
                                                   "': it has none; teach one with detector_steps above 0");
    }
    return detector;
  }
  const bool is_taught = options.detector_teacher == DetectorTeacher::kClicks
                             ? teach_from_clicks(detector, sources, options, callbacks, figures)
                             : teach_from_scenes(detector, sources.pool, options, callbacks, figures);
  return is_taught ? detector : nullptr;
}

void find_boxes(DetectorNetwork& detector, PicturePool& pool, const TrainingOptions& options,
                const TrainingCallbacks& callbacks, DetectorFigures& figures) {
  say(callbacks, "finding the products in the pictures");
  std::vector<std::size_t> all(pool.pictures.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const auto found = detect(detector, pool, all, options.detector_px);
  std::size_t num_photos = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    pool.pictures[i].box = found[i].box;
    pool.pictures[i].box_score = found[i].score;
    if (pool.pictures[i].shop_picture) continue;
    const network::RelativeBox& box = found[i].box;
    ++num_photos;
    figures.mean_area += (box.x1 - box.x0) * (box.y1 - box.y0);
    figures.mean_score += found[i].score;
  }
  if (num_photos == 0) return;
  figures.mean_area /= static_cast<double>(num_photos);
  figures.mean_score /= static_cast<double>(num_photos);
  if (figures.mean_area < kCollapsedArea) {
    throw Error(ErrorCode::kInternal,
                "detection has collapsed: its boxes hold " + std::to_string(100 * figures.mean_area) +
                    " % of the photos on average; teach it with another seed or a lower "
                    "learning rate");
  }
  if (figures.mean_area > kWholePictureArea && callbacks.on_message) {
    callbacks.on_message("detection has learned nothing: its boxes hold " +
                         std::to_string(100 * figures.mean_area) +
                         " % of the photos on average; teach it longer, or train without it");
  }
}

}  // namespace vitrine::training
