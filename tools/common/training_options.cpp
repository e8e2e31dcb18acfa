// SPDX-License-Identifier: MIT
#include "common/training_options.h"

namespace vitrine::tools {

void add_training_options(CommandLine& line, TrainingArguments& arguments) {
  TrainingOptions& options = arguments.options;
  line.group("Size");
  line.number("epochs", "N", options.epochs, {.maximum = 10000},
              "passes over the pictures; 0 fits projection and category head only");
  line.number("batch-size", "N", options.batch_size, {.minimum = 2, .maximum = 4096}, "pictures in a step");
  line.number("input", "PX", options.input_px, {.maximum = 10000}, "side of the input while training");
  line.number("inference-input", "PX", options.inference_px, {.maximum = 10000},
              "side of the input in the model; default: as in training");
  line.real("center-view", "X", options.center_view, 0, 1,
            "the model describes a picture also by its centre, of this share of its sides; 0: not");
  line.number("dimensions", "N", options.feature_dim, {.minimum = 64, .maximum = 1280},
              "length of the feature");
  line.number("threads,t", "N", options.num_threads, {.maximum = 1024},
              "worker threads; default: one per core");
  line.choice("device", {"auto", "cpu", "cuda"}, arguments.device,
              "what computes; auto: a GPU if LibTorch finds one");
  line.group("Detection");
  line.choice("detector", {"none", "crop"}, arguments.detector,
              "none: describe whole pictures; crop: learn to find the product and describe that");
  line.number("detector-input", "PX", options.detector_px, {.maximum = 10000},
              "side of the small picture in which the product is found");
  line.choice("detector-teacher", {"scenes", "clicks"}, arguments.teacher,
              "what it learns from: composed scenes, or where photos look like what was clicked");
  line.number("click-candidates", "N", options.click_candidates, {.minimum = 2, .maximum = 10000},
              "parts of a photo that are compared with what was clicked");
  line.number("detector-steps", "N", options.detector_steps, {.maximum = 1'000'000},
              "batches that teach it; 0 keeps what --init has");
  line.real("detector-learning-rate", "X", options.detector_learning_rate, 1e-9, 1, "its peak step size");
  line.number("detector-frozen-blocks", "N", options.detector_frozen_blocks, {.maximum = 10000},
              "how many of its 15 blocks keep their weights");
  line.real("crop-margin", "X", options.crop_margin, 0, 1,
            "described around the box on each side, as a share of its longer side");
  line.real("near-box-share", "X", options.near_box_share, 0, 1,
            "share of the views of a photo that show its box; the others show parts of all of it");
  line.choice("joint", {"none", "mask", "crop"}, arguments.joint,
              "teach detection through the loss: by a soft mask, or by a crop");
  line.number("joint-epochs", "N", options.joint_epochs, {.minimum = 1, .maximum = 10000},
              "so many of the epochs, at the start");
  line.real("joint-learning-rate", "X", options.joint_learning_rate, 1e-9, 1,
            "peak step size of detection in them");
  line.real("joint-feature-rate", "X", options.joint_feature_rate, 0, 1,
            "step size of the features in them, as a share; 0: they rest");
  line.real("box-area-weight", "X", options.box_area_weight, 0, 1000, "price of large boxes in them");
  line.group("Triplets");
  line.choice("negatives", {"shared", "own"}, arguments.negatives,
              "compare with the negatives of the whole batch, or with a triplet's own");
  line.choice("mean", {"query", "triplet"}, arguments.mean,
              "what counts equally: every photo, or every pair");
  line.number("triplets-per-query", "N", options.triplets_per_query, {.minimum = 1, .maximum = 1000},
              "clicked items shown with a photo in an epoch");
  line.number("negatives-per-triplet", "N", options.negatives_per_triplet, {.minimum = 1, .maximum = 1000},
              "items passed over shown with each");
  line.real("triplet-margin", "X", options.triplet_margin, 1e-6, 4, "margin between squared distances");
  line.real("triplet-weight", "X", options.triplet_weight, 0, 1000, "weight of the triplet loss");
  line.real("validation-share", "X", arguments.triplet_set.validation_share, 0, 0.9,
            "share of the photos held out");
  line.number("max-triplets", "N", arguments.triplet_set.max_triplets, {.minimum = 1},
              "of a longer file an even sample is taken");
  line.group("Learning");
  line.number("seed", "N", options.seed, {}, "equal seeds give equal models within rounding noise");
  line.real("learning-rate", "X", options.learning_rate, 1e-9, 1, "peak step size");
  line.real("weight-decay", "X", options.weight_decay, 0, 1, "pull of the weights towards zero");
  line.number("frozen-blocks", "N", options.frozen_blocks, {.maximum = 10000},
              "how many of the backbone's blocks keep their weights (MobileNetV2 has 19, "
              "GoogLeNet 12)");
  line.number("shop-repeats", "N", options.shop_picture_repeats, {.maximum = 10000},
              "how often an epoch shows each shop picture");
  line.real("category-only-share", "X", options.category_only_share, 0, 1,
            "share of the pictures without product in an epoch");
  line.real("margin", "X", options.margin, 0, 1, "cosine margin between products");
  line.real("scale", "X", options.scale, 1, 1000, "sharpness of the softmax over cosines");
  line.real("category-weight", "X", options.category_weight, 0, 1000, "weight of the category loss");
  line.real("retention-weight", "X", options.retention_weight, 0, 1000,
            "weight of staying close to the start");
  line.real("patchwork-share", "X", options.patchwork_share, 0, 4,
            "patchwork pictures for each labelled one");
  line.real("relation-weight", "X", options.relation_weight, 0, 1000, "weight of keeping similarities");
  line.real("quantization-weight", "X", options.quantization_weight, 0, 1000,
            "weight of keeping features close to their signs");
  line.real("whitening", "X", options.whitening, 0, 1, "how far the first projection evens out its axes");
  line.real("initial-share", "X", options.initial_share, 0, 1,
            "share of the initial weights in the final ones");
  line.number("patience", "N", options.patience, {.maximum = 10000},
              "end after N epochs without a better one and keep the best; 0: never");
}

void read_choices(TrainingArguments& arguments) {
  TrainingOptions& options = arguments.options;
  options.detector = arguments.detector == "crop" ? DetectorKind::kCrop : DetectorKind::kNone;
  options.detector_teacher =
      arguments.teacher == "clicks" ? DetectorTeacher::kClicks : DetectorTeacher::kScenes;
  options.joint = arguments.joint == "mask"   ? JointKind::kMask
                  : arguments.joint == "crop" ? JointKind::kCrop
                                              : JointKind::kNone;
  options.device = arguments.device == "cpu"    ? ComputeDevice::kCpu
                   : arguments.device == "cuda" ? ComputeDevice::kCuda
                                                : ComputeDevice::kAuto;
  options.shared_negatives = arguments.negatives == "shared";
  options.query_mean = arguments.mean == "query";
  arguments.triplet_set.seed = options.seed;
}

}  // namespace vitrine::tools
