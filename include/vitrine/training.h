// SPDX-License-Identifier: MIT
#pragma once
/// Training of an embedding model from labelled pictures: a pretrained backbone learns to put pictures of one
/// product close together without forgetting what it knew about everything else. See docs/training.md, and
/// vitrine/triplet_set.h for training from clicks.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vitrine/box.h"
#include "vitrine/ingest.h"

namespace vitrine {

/// What a picture is used for.
enum class Split {
  kTrain,       ///< learned from
  kValidation,  ///< asked for after each epoch
  kGallery      ///< searched among then, and nothing else; only with triplets, see add_labelled
};

/// A labelled picture.
struct TrainingPicture {
  std::filesystem::path path;
  std::string product;   ///< identity label; products with fewer than two training pictures teach nothing
  std::string category;  ///< empty: none
  Split split = Split::kTrain;
  /// A clean picture from a shop, the product on white: it is also laid on backgrounds cut from the other
  /// training pictures, and validation photos are searched among the shop pictures.
  bool shop_picture = false;
  /// Where the product is, in the picture's pixels, if somebody drew it: judges detection after each epoch,
  /// and is never learned from.
  std::optional<BoxPx> true_box_px = {};
};

/// Interprets manifest entries as labelled pictures: the attribute `split` is "train" (default) or "val", the
/// attribute `role` is "photo" (default) or "shop". ErrorCode::kInvalidArgument names the entry that holds
/// something else.
std::vector<TrainingPicture> training_pictures(const std::vector<IngestEntry>& entries);

/// Gives pictures their true boxes by path, from entries with the numbers `x0`, `y0`, `x1` and `y1` (pixels,
/// the last two exclusive). Returns how many pictures got one. ErrorCode::kInvalidArgument names the entry
/// that lacks a number or has no area.
std::size_t set_true_boxes(const std::vector<IngestEntry>& entries, std::vector<TrainingPicture>& pictures);

/// Whether the model learns to find the product, and how the box reaches the part that describes it.
enum class DetectorKind {
  kNone,  ///< the whole picture is described
  kCrop   ///< the box is cut out of the picture
};

/// From what the detection branch learns before the first epoch.
enum class DetectorTeacher {
  kScenes,  ///< shop pictures laid on photos, so that their boxes are known
  kClicks   ///< the parts of photos that are most like what was clicked for them; triplets only
};

/// How the loss of the features teaches the detection branch where to look, without any box (Visual Search at
/// Alibaba, KDD 2018, section 4).
enum class JointKind {
  kNone,  ///< not at all: detection is what composed scenes have taught, or what `init` has
  kMask,  ///< the picture times a box with soft edges, as in the paper
  kCrop   ///< the box cut out of the picture, differentiably
};

/// What computes while training.
enum class ComputeDevice {
  kAuto,  ///< a CUDA device if LibTorch finds one, else the processor
  kCpu,
  kCuda
};

struct TrainingOptions {
  /// Pretrained backbone or Vitrine model (safetensors) to start from. Required.
  std::filesystem::path init;
  /// Model file to write. Required.
  std::filesystem::path output;
  /// Name stored in the model.
  std::string name = "custom";
  /// Where the state after each epoch is kept, for resuming; empty: none.
  std::filesystem::path checkpoint;
  /// Go on from the checkpoint if there is one. It must have been made with the same options and pictures.
  bool resume = false;

  std::uint64_t seed = 1;
  int epochs = 10;  ///< 0: only the projection and the category head are fitted
  std::size_t batch_size = 32;
  int input_px = 160;  ///< side of the network's input while training, a multiple of 32
  /// Side of the input written into the model, a multiple of 32; 0: as in training. Objects look larger in
  /// random crops than in whole photos, so a somewhat larger input fits what was learned (Touvron et al.,
  /// NeurIPS 2019).
  int inference_px = 0;
  std::size_t feature_dim =
      512;                   ///< a multiple of 64, at most what the backbone tells (1280, GoogLeNet 1024)
  unsigned num_threads = 0;  ///< 0: one per core
  /// Weights differ between devices as they do between seeds. A run may go on on another device.
  ComputeDevice device = ComputeDevice::kAuto;

  DetectorKind detector = DetectorKind::kNone;
  int detector_px = 112;  ///< side of the detection branch's input, a multiple of 16
  DetectorTeacher detector_teacher = DetectorTeacher::kScenes;
  std::size_t detector_steps = 1200;  ///< batches that teach it; 0: taken from `init` as it is
  /// With DetectorTeacher::kClicks: so many parts of each photo are compared, 2 to 10000.
  std::size_t click_candidates = 96;
  double detector_learning_rate = 1e-3;
  int detector_frozen_blocks = 11;  ///< how many of its 15 blocks keep their initial weights
  /// What is described reaches beyond the box by this share of its longer side, on each side (0 to 1).
  double crop_margin = 0.1;
  /// Share of the training views that show a photo's box; the others show a random part of all of it, so that
  /// a product is the same where detection fails (0 to 1).
  double near_box_share = 0.9;

  /// With a detector only. The first `joint_epochs` epochs teach the detection branch through the loss of the
  /// features; in the rest its boxes stay and are cut out. Without composed scenes (`detector_steps` 0) and
  /// without a detector in `init` boxes start near the whole picture.
  JointKind joint = JointKind::kNone;
  int joint_epochs = 5;               ///< at most `epochs`
  double joint_learning_rate = 3e-4;  ///< of the detection branch in these epochs
  /// Step size of the features in these epochs, as a share of `learning_rate`; 0: they rest, so that boxes
  /// learn from features that do not follow them.
  double joint_feature_rate = 0;
  double box_area_weight = 0.05;  ///< price of the share of the picture that a box holds

  /// ModelInfo::center_view of the model, 0.1 to 1, or 0.
  double center_view = 0;

  double learning_rate = 3e-4;  ///< AdamW, peak of a cosine schedule after a short warm-up
  double weight_decay = 1e-4;
  int frozen_blocks = 7;         ///< how many blocks of MobileNetV2's 19 or GoogLeNet's 12 keep their weights
  int shop_picture_repeats = 6;  ///< how often an epoch shows each shop picture
  /// Share of the pictures with a category but no product that an epoch shows, drawn anew for each (0 to 1).
  double category_only_share = 1;

  /// Triplets only (vitrine/triplet_set.h). An epoch shows each photo once, with up to `triplets_per_query`
  /// of its clicked items and up to `negatives_per_triplet` of the items passed over for each, drawn anew.
  double triplet_margin = 0.2;  ///< between squared distances, above 0 and at most 4
  double triplet_weight = 10;   ///< weight of the triplet loss
  /// Compare with the negatives of the whole batch, leaving out pictures of products that the photo's own
  /// clicks name; false: with the triplet's own ones only.
  bool shared_negatives = true;
  bool query_mean = true;  ///< every photo counts once, whatever its number of triplets and negatives
  std::size_t triplets_per_query = 2;
  std::size_t negatives_per_triplet = 2;

  double margin = 0.15;  ///< additive cosine margin of the identity loss (CosFace, Wang et al., CVPR 2018)
  double scale = 16;     ///< logits are scale x cosine
  double category_weight = 0.5;    ///< weight of the category loss
  double retention_weight = 10.0;  ///< weight of staying close to the initial features (distillation)
  /// Pictures without meaning (patchwork of training pictures) per labelled picture, on which retention is
  /// measured; 0 measures it on the labelled pictures themselves.
  double patchwork_share = 0.5;
  double relation_weight =
      0.0;  ///< weight of keeping the similarities between pictures (relational distillation)
  double quantization_weight =
      0.0;  ///< weight of keeping features close to their signs, see docs/training.md
  double whitening =
      0.5;  ///< how far the initial projection evens out the principal axes: 0 not at all, 1 wholly
  /// Share of the initial weights in the final ones (weight averaging, Wortsman et al., CVPR 2022): 0 keeps
  /// the trained weights as they are, 1 gives the initial model back.
  double initial_share = 0.0;
  /// Early stop: end after so many epochs without a better validation figure (EpochFigures::score) and write
  /// the weights of the best epoch; 0: all epochs, and the last weights.
  int patience = 0;

  /// kInvalidArgument names the first field out of range.
  void validate() const;
};

/// Figures of one epoch. Validation is done with the averaged weights, on at most some hundred pictures.
struct EpochFigures {
  int epoch = 0;  ///< from 1; 0 is the initial model
  double loss = 0;
  double identity_loss = 0;  ///< from triplets: the triplet loss
  double category_loss = 0;
  double retention_loss = 0;
  double recall_shop =
      0;  ///< Identical Recall@1 of validation photos among the shop pictures; NaN without any
  double recall_photos = 0;    ///< the same among training photos; NaN without any
  double category_by_ten = 0;  ///< accuracy of the category by ten neighbours; NaN without any
  double seconds = 0;
  double quantization_loss = 0;
  /// Of the photos held out: share of pairs (clicked, passed over) of which the clicked one is nearer, mean
  /// over the photos. Clicks are noisy, so 1 is out of reach. NaN without any.
  double triplet_accuracy = 0;
  double box_overlap = 0;  ///< mean IoU with the true boxes; NaN without detection or true boxes
  double box_hits = 0;     ///< share of the true boxes with IoU above 0.5; NaN likewise
  double box_area = 0;     ///< mean area of the boxes found in photos, as a share; NaN without detection

  /// What early stop goes by: the first of recall_photos, recall_shop, triplet_accuracy and category_by_ten
  /// that is a number; NaN if none is.
  double score() const;
};

struct TrainingProgress {
  int epoch = 0;               ///< 0: the detection branch is taught, before the first epoch
  std::uint64_t num_done = 0;  ///< pictures of this epoch
  std::uint64_t num_total = 0;
  double loss = 0;  ///< running mean
};

/// Where the detection branch sees the product of a picture at one time of a run, as shares of the picture's
/// sides, 0 to 1.
struct BoxSnapshot {
  std::string when;  ///< in words: "30 steps", "epoch 2"
  double x0 = 0, y0 = 0, x1 = 1, y1 = 1;
};

/// How the box in one picture changed while the branch learned.
struct BoxHistory {
  std::filesystem::path picture;
  std::vector<BoxSnapshot> snapshots;  ///< in order of time
};

/// How well the detection branch has learned what it was taught before the first epoch, and what it says
/// about photos.
struct DetectorFigures {
  double taught_overlap = 0;  ///< mean IoU with what it was taught, in the last batches; 0 without teaching
  double click_gain = 0;      ///< mean ClickBox gain: how much the clicks say about places; 0 without clicks
  double mean_area = 0;       ///< of the boxes in the training photos, as a share of the photo
  double mean_score = 0;      ///< see Embedding::box_score
  std::vector<BoxHistory> histories;  ///< of at most a dozen photos, held out ones where there are any
};

struct TrainingCallbacks {
  std::function<void(const TrainingProgress&)> on_progress = {};
  std::function<void(const EpochFigures&)> on_epoch = {};
  std::function<void(const std::string&)> on_message = {};  ///< what is being done now, in a sentence
  std::function<bool()> should_stop = {};  ///< polled between batches; true saves a checkpoint and ends
};

/// A validation photo whose nearest picture shows another product.
struct ValidationMiss {
  std::filesystem::path photo;
  std::string product;
  std::filesystem::path found;  ///< the nearest picture
  std::string found_product;
  double found_cosine = 0;
  std::filesystem::path right;  ///< the nearest picture of the photo's own product
  double right_cosine = 0;
};

/// What a run from triplets could use.
struct TripletFigures {
  std::uint64_t num_training_queries = 0;
  std::uint64_t num_validation_queries = 0;
  std::uint64_t num_triplets = 0;
  std::uint64_t num_products = 0;  ///< products that training photos were clicked for
  std::uint64_t num_missing = 0;   ///< triplets left out because pictures could not be read
};

struct TrainingReport {
  std::optional<TripletFigures> triplets;   ///< unset without triplets
  std::optional<DetectorFigures> detector;  ///< unset without detection, or when resumed
  std::vector<EpochFigures> epochs;
  std::vector<IngestFailure> failures;  ///< pictures that could not be read
  std::vector<std::string> categories;
  int best_epoch = 0;                 ///< whose weights were written; with `patience` not always the last one
  double category_head_accuracy = 0;  ///< of the fitted head on the validation pictures; NaN without any
  /// The misses of the written model with the largest lead of the wrong picture over the right one, worst
  /// first, at most two dozen: among training photos or, without any, among shop pictures (see EpochFigures).
  /// Empty if a resumed run had no epoch left.
  std::vector<ValidationMiss> misses;
  bool interrupted = false;
};

/// Trains and writes a model. Errors: kInvalidArgument (options, nothing to learn from), those of reading
/// `init`, kCorrupt (checkpoint of other options), kInternal naming the step if the loss stops being finite
/// (the checkpoint of the last epoch stays usable). The same pictures, options and number of threads give the
/// same figures within rounding noise.
TrainingReport train(const std::vector<TrainingPicture>& pictures, const TrainingOptions& options,
                     const TrainingCallbacks& callbacks = {});

}  // namespace vitrine
