// SPDX-License-Identifier: MIT
#include <chrono>
#include <cmath>
#include <iomanip>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

#include "network/safetensors.h"
#include "training/box_score_choice.h"
#include "training/category_head.h"
#include "training/checkpoint.h"
#include "training/code_rotation.h"
#include "training/detection_stage.h"
#include "training/feature_extraction.h"
#include "training/model_export.h"
#include "training/picture_pool.h"
#include "training/projection.h"
#include "training/trainer.h"
#include "training/validation.h"
#include "vitrine/error.h"
#include "vitrine/training.h"

namespace vitrine {
namespace {

using namespace training;

// Pictures are kept a little larger than the network's input, so that crops still have detail.
constexpr double kPoolScale = 1.25;
// A box that is cut out takes a part of the picture only.
constexpr double kPoolScaleForCrops = 1.6;
constexpr std::size_t kProjectionSamples = 4000;
constexpr std::size_t kCalibrationSamples = 200;

std::vector<std::size_t> training_indices(const PicturePool& pool, std::size_t limit) {
  return select_pictures(pool, limit,
                         [](const PooledPicture& picture) { return picture.split == Split::kTrain; });
}

EmbeddingNetwork initial_network(const PicturePool& pool, const TrainingOptions& options,
                                 const TrainingCallbacks& callbacks) {
  EmbeddingNetwork network(static_cast<std::int64_t>(options.feature_dim));
  const auto file = network::SafetensorsFile::open(options.init);
  if (!load_weights(network, file)) {
    if (callbacks.on_message) callbacks.on_message("fitting the projection to the pretrained features");
    const auto samples = training_indices(pool, kProjectionSamples);
    fit_projection(network, extract_averages(network, pool, samples, options.input_px), options.whitening,
                   options.seed);
  }
  return network;
}

// The state to go on from, if that is wanted and there is one.
std::optional<Checkpoint> state_to_resume(const PicturePool& pool, const TrainingOptions& options) {
  if (!options.resume || !std::filesystem::exists(options.checkpoint)) return std::nullopt;
  Checkpoint state = load_checkpoint(options.checkpoint);
  const std::string expected = digest(options, pool.pictures.size());
  if (state.options_digest != expected) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot resume from '" + options.checkpoint.string() + "': it was made with\n  " +
                    state.options_digest + "\nbut this run has\n  " + expected +
                    "\ngive the same options and pictures, or delete the checkpoint to start over");
  }
  return state;
}

// One run of train(), from the pool to the model file.
class Run {
 public:
  /// `detector` may be null; else the pictures have their boxes already.
  Run(const PicturePool& pool, DetectorNetwork detector, const TrainingOptions& options,
      const TrainingCallbacks& callbacks)
      : pool_(pool),
        detector_(std::move(detector)),
        options_(options),
        callbacks_(callbacks),
        digest_(digest(options, pool.pictures.size())),
        trainer_(pool, options, initial_network(pool, options, callbacks)) {}

  TrainingReport run(const std::optional<Checkpoint>& resumed) {
    int epochs_done = 0;
    if (resumed) {
      epochs_done = resume(*resumed);
    } else {
      EpochFigures start;
      finish_epoch(start, std::chrono::steady_clock::now());
    }
    for (int epoch = epochs_done + 1; epoch <= options_.epochs; ++epoch) {
      const auto begin = std::chrono::steady_clock::now();
      EpochFigures figures;
      if (!trainer_.run_epoch(epoch, callbacks_, figures)) {
        report_.interrupted = true;
        return report_;
      }
      finish_epoch(figures, begin);
      if (!options_.checkpoint.empty()) checkpoint(epoch);
    }
    write_model();
    return report_;
  }

 private:
  void finish_epoch(EpochFigures& figures, std::chrono::steady_clock::time_point begin) {
    EmbeddingNetwork network = trainer_.averaged();
    const ValidationFigures found = validate(network, pool_, inference_px());
    figures.recall_shop = found.recall_shop;
    figures.recall_photos = found.recall_photos;
    figures.category_by_ten = found.category_by_ten;
    figures.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    report_.epochs.push_back(figures);
    if (callbacks_.on_epoch) callbacks_.on_epoch(figures);
  }

  int inference_px() const { return options_.inference_px == 0 ? options_.input_px : options_.inference_px; }

  void checkpoint(int epoch) {
    Checkpoint state;
    state.epochs_done = epoch;
    state.options_digest = digest_;
    nlohmann::json figures = nlohmann::json::array();
    for (const EpochFigures& e : report_.epochs) {
      figures.push_back({e.epoch, e.loss, e.identity_loss, e.category_loss, e.retention_loss, e.recall_shop,
                         e.recall_photos, e.category_by_ten, e.seconds});
    }
    state.figures_json = figures.dump();
    trainer_.save_state(state);
    if (detector_) state.tensors.merge(detector_->state());
    save(state, options_.checkpoint);
  }

  int resume(const Checkpoint& state) {
    trainer_.load_state(state);
    const auto value = [](const nlohmann::json& entry) {
      return entry.is_number() ? entry.get<double>() : std::numeric_limits<double>::quiet_NaN();
    };
    const auto figures = nlohmann::json::parse(state.figures_json, nullptr, /*allow_exceptions=*/false);
    for (const auto& e : figures) {
      if (!e.is_array() || e.size() != 9) continue;  // history only: not worth refusing the weights
      report_.epochs.push_back({static_cast<int>(value(e[0])), value(e[1]), value(e[2]), value(e[3]),
                                value(e[4]), value(e[5]), value(e[6]), value(e[7]), value(e[8])});
    }
    say("resuming after epoch " + std::to_string(state.epochs_done));
    return state.epochs_done;
  }

  std::vector<std::size_t> with_category(Split split) const {
    return select_pictures(pool_, pool_.pictures.size(), [split](const PooledPicture& picture) {
      return picture.split == split && picture.category_index >= 0;
    });
  }

  torch::Tensor categories_of(const std::vector<std::size_t>& picture_indices) const {
    std::vector<std::int64_t> result;
    for (const std::size_t i : picture_indices) result.push_back(pool_.pictures[i].category_index);
    return torch::tensor(result, torch::kInt64);
  }

  // `features` are those of the training pictures with a category.
  CategoryHead fit_head(EmbeddingNetwork& network, const torch::Tensor& features) {
    const CategoryHead head = fit_category_head(features, categories_of(with_category(Split::kTrain)),
                                                static_cast<std::int64_t>(pool_.categories.size()));
    const auto validation_pictures = with_category(Split::kValidation);
    report_.category_head_accuracy = std::numeric_limits<double>::quiet_NaN();
    if (!validation_pictures.empty()) {
      report_.category_head_accuracy =
          accuracy(head, extract_features(network, pool_, validation_pictures, inference_px()),
                   categories_of(validation_pictures));
    }
    return head;
  }

  // Everything that is fitted to the final weights.
  CategoryHead finish(EmbeddingNetwork& network) {
    say("turning the features so that their signs are good codes");
    const auto pictures = training_indices(pool_, pool_.pictures.size());
    torch::Tensor features = extract_features(network, pool_, pictures, inference_px());
    const torch::Tensor rotation = fit_code_rotation(features);
    rotate_features(network, rotation);
    if (pool_.categories.empty()) return {};
    say("fitting the category head");
    const torch::Tensor labelled = torch::nonzero(categories_of(pictures) >= 0).squeeze(1);
    return fit_head(network, torch::mm(features.index_select(0, labelled), rotation));
  }

  void say(const std::string& message) const {
    if (callbacks_.on_message) callbacks_.on_message(message);
  }

  double min_box_score(EmbeddingNetwork& network) const {
    if (!detector_) return 0;
    say("comparing boxes with whole pictures");
    const BoxScoreChoice choice = choose_min_box_score(network, pool_, inference_px());
    if (choice.min_box_score > 0) {
      std::ostringstream text;
      text << std::setprecision(3) << "pictures whose box is less sure than " << choice.min_box_score
           << " are described whole: recall " << 100 * choice.recall << " % instead of "
           << 100 * choice.recall_with_all_boxes << " %";
      say(text.str());
    }
    return choice.min_box_score;
  }

  void write_model() {
    EmbeddingNetwork network = trainer_.averaged();
    const CategoryHead head = finish(network);
    report_.categories = pool_.categories;
    ModelDescription description{options_.name,
                                 inference_px(),
                                 pool_.categories,
                                 options_.detector_px,
                                 options_.crop_margin,
                                 min_box_score(network),
                                 {}};
    std::ostringstream share;
    share << options_.initial_share;
    description.provenance = {{"training", digest_ + " share=" + share.str()}};
    say("finding the ranges for 8-bit arithmetic");
    std::vector<Image> samples;
    for (const std::size_t i : training_indices(pool_, kCalibrationSamples))
      samples.push_back(described_part(pool_.pictures[i], pool_.margin));
    export_model(network, detector_, head, description, samples, options_.output);
  }

  const PicturePool& pool_;
  DetectorNetwork detector_;
  const TrainingOptions& options_;
  const TrainingCallbacks& callbacks_;
  std::string digest_;
  Trainer trainer_;
  TrainingReport report_;
};

void require_something_to_learn(const PicturePool& pool) {
  const auto num_training = training_indices(pool, pool.pictures.size()).size();
  if (num_training < 2) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot train: " + std::to_string(num_training) +
                    " training pictures could be read, at least 2 are needed; check the paths in the list");
  }
  if (pool.products.empty() && pool.categories.empty()) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "cannot train: no product has two training pictures and no picture has a category, so there is "
        "nothing to learn; add labels to the list");
  }
}

TrainingReport train_on(PicturePool& pool, const TrainingOptions& options,
                        const TrainingCallbacks& callbacks) {
  const std::optional<Checkpoint> resumed = state_to_resume(pool, options);
  DetectorNetwork detector = nullptr;
  DetectorFigures figures;
  if (options.detector != DetectorKind::kNone) {
    detector = prepare_detector(pool, options, callbacks, resumed ? &*resumed : nullptr, figures);
    if (!detector) {
      TrainingReport report;
      report.interrupted = true;
      return report;
    }
    find_boxes(detector, pool, options, callbacks, figures);
  }
  TrainingReport report = Run(pool, detector, options, callbacks).run(resumed);
  if (detector && !resumed) report.detector = figures;
  return report;
}

}  // namespace

std::vector<TrainingPicture> training_pictures(const std::vector<IngestEntry>& entries) {
  std::vector<TrainingPicture> pictures;
  for (const IngestEntry& entry : entries) {
    const auto attributes = nlohmann::json::parse(entry.attributes_json, nullptr, /*allow_exceptions=*/false);
    const auto text = [&](const char* key, const char* otherwise) {
      const auto it = attributes.is_object() ? attributes.find(key) : attributes.end();
      return it != attributes.end() && it->is_string() ? it->get<std::string>() : std::string(otherwise);
    };
    const std::string split = text("split", "train");
    const std::string role = text("role", "photo");
    if ((split != "train" && split != "val") || (role != "photo" && role != "shop")) {
      throw Error(ErrorCode::kInvalidArgument, "cannot use '" + entry.path + "' for training: split is '" +
                                                   split + "' (expected train or val), role is '" + role +
                                                   "' (expected photo or shop)");
    }
    pictures.push_back({entry.path, entry.key.product, entry.category,
                        split == "val" ? Split::kValidation : Split::kTrain, role == "shop"});
  }
  return pictures;
}

TrainingReport train(const std::vector<TrainingPicture>& pictures, const TrainingOptions& options,
                     const TrainingCallbacks& callbacks) {
  options.validate();
  const unsigned num_threads =
      options.num_threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : options.num_threads;
  try {
    at::set_num_threads(static_cast<int>(num_threads));
    if (callbacks.on_message)
      callbacks.on_message("reading " + std::to_string(pictures.size()) + " pictures");
    const bool detects = options.detector != DetectorKind::kNone;
    const int side_px = static_cast<int>(std::max(options.input_px, options.inference_px) *
                                         (detects ? kPoolScaleForCrops : kPoolScale));
    PicturePool pool = load_pictures(pictures, side_px, num_threads);
    pool.margin = options.crop_margin;
    require_something_to_learn(pool);
    TrainingReport report = train_on(pool, options, callbacks);
    report.failures = pool.failures;
    return report;
  } catch (const c10::Error& error) {
    throw Error(ErrorCode::kInternal,
                "training failed inside LibTorch: " + std::string(error.what_without_backtrace()));
  }
}

}  // namespace vitrine
