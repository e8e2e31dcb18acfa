// SPDX-License-Identifier: MIT
#include "training/joint_detection.h"

#include "network/detector.h"
#include "network/random_model.h"
#include "temporary_folder.h"
#include "training/box_crop.h"
#include "training/box_losses.h"
#include "training/box_penalties.h"
#include "training/soft_mask.h"
#include "training/torch_with_catch.h"

using namespace vitrine;
using namespace vitrine::training;

namespace {

TrainingOptions options_for(JointKind kind) {
  TrainingOptions options;
  options.joint = kind;
  options.detector = DetectorKind::kCrop;
  options.input_px = 64;
  options.detector_px = 64;
  options.detector_frozen_blocks = 0;
  options.joint_learning_rate = 3e-3;
  options.box_area_weight = 0;
  options.crop_margin = 0;
  return options;
}

DetectorNetwork detector_of_random_backbone() {
  const test::TemporaryFolder folder;
  test::random_model().write(folder.path() / "init.safetensors");
  DetectorNetwork detector(0.85);
  load_weights(detector, network::SafetensorsFile::open(folder.path() / "init.safetensors"));
  return detector;
}

// Two pictures of noise on grey, each with another place of the noise.
torch::Tensor places() {
  return torch::tensor({0.1F, 0.2F, 0.6F, 0.8F, 0.35F, 0.3F, 0.9F, 0.75F}).view({2, 4});
}

}  // namespace

TEST_CASE("detection learns one batch by heart from a loss that knows no box") {
  torch::manual_seed(3);
  const auto kind = GENERATE(JointKind::kMask, JointKind::kCrop);
  const TrainingOptions options = options_for(kind);
  const int side_px = JointDetection::view_px(options);
  // Smooth, for a crop compares neighbours: pixels of noise would lead nowhere.
  const torch::Tensor pattern = JointDetection::reduced(torch::rand({2, 3, 5, 5}) * 2 - 1, side_px);
  const torch::Tensor inside = soft_mask(places(), side_px, side_px, 200);
  const torch::Tensor views = pattern * inside;
  // What the feature branch would see through the right boxes; it also wants to see no more of the rest,
  // which is not grey but bright.
  const torch::Tensor bright = views + 1 - inside;
  DetectorNetwork detector = detector_of_random_backbone();
  JointDetection joint(detector, options);
  const torch::Tensor wanted =
      kind == JointKind::kMask ? views : crop_boxes(bright, places(), options.input_px);
  const auto boxes = [&] {
    torch::NoGradGuard no_gradient;
    return detector->forward(JointDetection::reduced(bright, options.detector_px)).boxes;
  };
  const double overlap_before = box_overlap(boxes(), places()).mean().item<double>();
  constexpr std::size_t kNumSteps = 300;
  for (std::size_t step = 0; step < kNumSteps; ++step) {
    const double progress = joint.progress(kNumSteps);
    const JointDetection::Seen seen = joint.look(bright, progress);
    REQUIRE(seen.images.sizes() == torch::IntArrayRef({2, 3, 64, 64}));
    joint.zero_gradients();
    (10 * (seen.images - wanted).square().mean() + seen.penalty).backward();
    joint.step(progress);
  }
  const double overlap = box_overlap(boxes(), places()).mean().item<double>();
  CHECK(overlap > overlap_before + 0.1);
  CHECK(overlap > 0.6);
}

TEST_CASE("boxes are held inside the picture, and open") {
  TrainingOptions options = options_for(JointKind::kMask);
  DetectorNetwork detector(0.85);
  JointDetection joint(detector, options);
  const torch::Tensor views = torch::zeros({1, 3, 64, 64});
  // A loss that wants to see nothing at all.
  for (std::size_t step = 0; step < 100; ++step) {
    const JointDetection::Seen seen = joint.look(views + 1, joint.progress(100));
    joint.zero_gradients();
    (seen.images.square().mean() + seen.penalty).backward();
    joint.step(joint.progress(100));
  }
  const JointDetection::Seen seen = joint.look(views + 1, 1);
  CHECK(mean_area(detector->forward(views + 1).boxes).item<double>() > 0.01);
  CHECK(seen.penalty.item<double>() < 1.5);
}

TEST_CASE("joint learning goes on from where it was saved") {
  const TrainingOptions options = options_for(JointKind::kMask);
  torch::manual_seed(1);
  const torch::Tensor views = torch::rand({2, 3, 64, 64}) * 2 - 1;
  DetectorNetwork detector(0.85);
  JointDetection joint(detector, options);
  const auto learn = [&](JointDetection& which) {
    const JointDetection::Seen seen = which.look(views, which.progress(10));
    which.zero_gradients();
    (seen.images.square().mean() + seen.penalty).backward();
    which.step(which.progress(10));
    return seen.images.sum().item<double>();
  };
  for (int i = 0; i < 3; ++i) learn(joint);
  Checkpoint checkpoint;
  joint.save_state(checkpoint);
  for (auto& [name, tensor] : checkpoint.tensors) tensor = tensor.clone();
  learn(joint);
  const double expected = learn(joint);

  DetectorNetwork other(0.5);
  JointDetection resumed(other, options);
  resumed.load_state(checkpoint);
  CHECK(resumed.progress(10) == Approx(0.3));
  learn(resumed);
  CHECK(learn(resumed) == Approx(expected).epsilon(1e-4));
  checkpoint.tensors.erase("joint_steps");
  CHECK_THROWS_WITH(resumed.load_state(checkpoint), Catch::Contains("joint_steps"));
}
