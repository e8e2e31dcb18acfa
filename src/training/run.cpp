// SPDX-License-Identifier: MIT
#include "training/run.h"

#include <cmath>

#include "training/box_judgement.h"
#include "training/detection_stage.h"
#include "training/epoch_history.h"
#include "training/model_finish.h"
#include "training/validation.h"
#include "vitrine/error.h"

namespace vitrine::training {
namespace {

// Epochs before this one are never the best: boxes still move in the joint ones.
int first_choice(const TrainingOptions& options) {
  return options.joint == JointKind::kNone ? 0 : options.joint_epochs;
}

// The first of the epochs from `first` on with the best score: the last one if nothing can be judged.
int best_epoch(const std::vector<EpochFigures>& epochs, int first) {
  const EpochFigures* best = nullptr;
  for (const EpochFigures& figures : epochs) {
    if (figures.epoch < first) continue;
    if (std::isnan(figures.score())) continue;
    if (best == nullptr || figures.score() > best->score()) best = &figures;
  }
  return best != nullptr ? best->epoch : epochs.back().epoch;
}

}  // namespace

std::optional<Checkpoint> state_to_resume(const TrainingOptions& options, const std::string& digest) {
  if (!options.resume || !std::filesystem::exists(options.checkpoint)) return std::nullopt;
  Checkpoint state = load_checkpoint(options.checkpoint);
  if (state.options_digest != digest) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot resume from '" + options.checkpoint.string() + "': it was made with\n  " +
                    state.options_digest + "\nbut this run has\n  " + digest +
                    "\ngive the same options and pictures, or delete the checkpoint to start over");
  }
  return state;
}

Run::Run(PicturePool& pool, const TripletPool* triplets, EmbeddingNetwork initial, DetectorNetwork detector,
         const TrainingOptions& options, const TrainingCallbacks& callbacks)
    : pool_(pool),
      triplets_(triplets),
      detector_(std::move(detector)),
      options_(options),
      callbacks_(callbacks),
      digest_(digest(options, pool, triplets)),
      trainer_(pool, triplets, options, std::move(initial), detector_) {
  if (options.joint == JointKind::kNone) return;
  histories_.emplace(pool, options.detector_px);
  histories_->add(detector_, "start");
}

TrainingReport Run::run(const std::optional<Checkpoint>& resumed) {
  int epochs_done = 0;
  if (resumed) {
    epochs_done = resume(*resumed);
  } else {
    EpochFigures start;
    finish_epoch(start, std::chrono::steady_clock::now());
  }
  for (int epoch = epochs_done + 1; epoch <= options_.epochs && !out_of_patience(); ++epoch) {
    const auto begin = std::chrono::steady_clock::now();
    EpochFigures figures;
    if (!trainer_.run_epoch(epoch, callbacks_, figures)) {
      report_.interrupted = true;
      return report_;
    }
    if (is_joint(epoch)) find_new_boxes(epoch);
    finish_epoch(figures, begin);
    if (!options_.checkpoint.empty()) checkpoint(epoch);
  }
  write_model();
  return report_;
}

void Run::finish_epoch(EpochFigures& figures, std::chrono::steady_clock::time_point begin) {
  EmbeddingNetwork network = trainer_.averaged();
  ValidationFigures found = validate(network, pool_, triplets_, inference_px(options_));
  figures.recall_shop = found.recall_shop;
  figures.recall_photos = found.recall_photos;
  figures.category_by_ten = found.category_by_ten;
  figures.triplet_accuracy = found.triplet_accuracy;
  const BoxJudgement boxes = judge_boxes(pool_);
  figures.box_overlap = boxes.overlap;
  figures.box_hits = boxes.hits;
  figures.box_area = boxes.area;
  figures.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  report_.epochs.push_back(figures);
  const bool may_be_written =
      options_.patience == 0 || best_epoch(report_.epochs, first_choice(options_)) == figures.epoch;
  if (options_.patience > 0 && may_be_written) trainer_.keep_as_best();
  if (may_be_written) report_.misses = std::move(found.misses);
  if (callbacks_.on_epoch) callbacks_.on_epoch(figures);
}

bool Run::is_joint(int epoch) const {
  return options_.joint != JointKind::kNone && epoch <= options_.joint_epochs;
}

void Run::find_new_boxes(int epoch) {
  DetectorFigures figures;
  find_boxes(detector_, pool_, options_, callbacks_, figures);
  histories_->add(detector_, "epoch " + std::to_string(epoch));
  figures.histories = histories_->histories();
  report_.detector = std::move(figures);
}

bool Run::out_of_patience() const {
  if (options_.patience == 0) return false;
  const int best = best_epoch(report_.epochs, first_choice(options_));
  const bool is_over = report_.epochs.back().epoch - best >= options_.patience;
  if (is_over) say("no better epoch than " + std::to_string(best) + " for as long as the patience lasts");
  return is_over;
}

void Run::checkpoint(int epoch) {
  Checkpoint state;
  state.epochs_done = epoch;
  state.options_digest = digest_;
  state.figures_json = to_json(report_.epochs);
  trainer_.save_state(state);
  if (detector_) state.tensors.merge(detector_->state());
  save(state, options_.checkpoint);
}

int Run::resume(const Checkpoint& state) {
  trainer_.load_state(state);
  report_.epochs = epochs_from_json(state.figures_json);
  if (report_.epochs.empty() || report_.epochs.back().epoch != state.epochs_done) {
    throw Error(ErrorCode::kCorrupt, "cannot resume from '" + options_.checkpoint.string() +
                                         "': expected the figures of " + std::to_string(state.epochs_done) +
                                         " epochs, found others; delete the checkpoint to start over");
  }
  say("resuming after epoch " + std::to_string(state.epochs_done));
  return state.epochs_done;
}

void Run::write_model() {
  report_.best_epoch = report_.epochs.back().epoch;
  if (options_.patience > 0) {
    report_.best_epoch = best_epoch(report_.epochs, first_choice(options_));
    trainer_.restore_best();
  }
  EmbeddingNetwork network = trainer_.averaged();
  finish_model(network, detector_, pool_, options_, callbacks_, digest_, report_);
}

void Run::say(const std::string& message) const {
  if (callbacks_.on_message) callbacks_.on_message(message);
}

}  // namespace vitrine::training
