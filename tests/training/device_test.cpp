// SPDX-License-Identifier: MIT
// Networks that learn elsewhere than on the processor. LibTorch's lazy device stands in for a GPU: it is
// there on every machine, and like a GPU it takes no tensor that lies somewhere else (it ends the process).
#include <torch/csrc/lazy/ts_backend/ts_backend_impl.h>

#include <cmath>
#include <functional>

#include "training/clicked_shop.h"
#include "training/device.h"
#include "training/stages.h"
#include "training/torch_with_catch.h"
#include "vitrine/embedder.h"

using namespace vitrine;
using namespace vitrine::test;

namespace {

torch::Device other_device() {
  static const torch::Device device = [] {
    torch::lazy::InitTorchScriptBackend();
    return torch::Device(torch::kLazy);
  }();
  return device;
}

TrainingReport run_on(torch::Device device, const ClickedShop& shop, bool from_clicks,
                      const TrainingCallbacks& callbacks = {}) {
  const TripletSet set = shop.read();
  training::PicturePool pool = training::load_pictures(from_clicks ? set.pictures : shop.pictures, 64, 1);
  pool.margin = shop.options.crop_margin;
  pool.center_view = shop.options.center_view;
  if (!from_clicks) return training::run_stages(pool, nullptr, shop.options, device, callbacks);
  const training::TripletPool triplets = training::pool_triplets(set, pool);
  return training::run_stages(pool, &triplets, shop.options, device, callbacks);
}

// On both devices the same is learned.
void compare_devices(const std::function<void(TrainingOptions&)>& change, bool from_clicks) {
  std::vector<TrainingReport> reports;
  for (const torch::Device device : {torch::Device(torch::kCPU), other_device()}) {
    ClickedShop shop;
    // LibTorch 1.13's lazy device confuses depthwise convolutions of equal shape, so only one of each learns.
    shop.options.frozen_blocks = 17;
    shop.options.detector_frozen_blocks = 13;
    // It also keeps a gigabyte for every batch, so there is one of them.
    shop.options.triplets_per_query = 1;
    shop.options.negatives_per_triplet = 1;
    if (from_clicks) shop.options.batch_size = 24;
    change(shop.options);
    reports.push_back(run_on(device, shop, from_clicks));
    CHECK(load_embedder(shop.options.output)->info().feature_dim == 64);
  }
  REQUIRE(reports[0].epochs.size() == reports[1].epochs.size());
  for (std::size_t i = 0; i < reports[0].epochs.size(); ++i) {
    const EpochFigures& expected = reports[0].epochs[i];
    const EpochFigures& found = reports[1].epochs[i];
    CHECK((expected.epoch == 0 || expected.loss > 0));  // something was learned from
    CHECK(found.loss == Approx(expected.loss).epsilon(1e-3));
    CHECK(found.identity_loss == Approx(expected.identity_loss).epsilon(1e-3));
    CHECK(found.category_loss == Approx(expected.category_loss).epsilon(1e-3));
    if (from_clicks) continue;  // nothing to ask then
    CHECK(found.recall_shop == Approx(expected.recall_shop));
    CHECK(found.recall_photos == Approx(expected.recall_photos));
  }
}

}  // namespace

TEST_CASE("labels are learned from on another device") {
  compare_devices(
      [](TrainingOptions& options) {
        options.relation_weight = 0.1;
        options.quantization_weight = 0.1;
        options.patience = 1;
      },
      /*from_clicks=*/false);
}

TEST_CASE("detection is learned from scenes on another device") {
  compare_devices(
      [](TrainingOptions& options) {
        options.detector = DetectorKind::kCrop;
        options.detector_px = 32;
        options.detector_steps = 2;
        options.center_view = 0.7;
      },
      /*from_clicks=*/false);
}

TEST_CASE("triplets are learned from on another device") {
  compare_devices([](TrainingOptions& options) { options.epochs = 1; }, /*from_clicks=*/true);
}

TEST_CASE("detection and features learn together on another device") {
  // By the mask: the lazy device cannot cut out.
  compare_devices(
      [](TrainingOptions& options) {
        options.detector = DetectorKind::kCrop;
        options.detector_px = 32;
        options.detector_steps = 1;
        options.detector_teacher = DetectorTeacher::kClicks;
        options.click_candidates = 6;
        options.epochs = 1;
        options.joint = JointKind::kMask;
        options.joint_epochs = 1;
        options.joint_feature_rate = 0.5;
      },
      /*from_clicks=*/true);
}

TEST_CASE("a run goes on on another device") {
  const auto prepare = [](ClickedShop& shop) {
    shop.options.frozen_blocks = 17;
    shop.options.epochs = 3;
    shop.options.patience = 9;
  };
  ClickedShop whole;
  prepare(whole);
  const TrainingReport expected = run_on(torch::kCPU, whole, false);

  ClickedShop parts;
  prepare(parts);
  int num_epochs = 0;
  const TrainingCallbacks stopping{.on_epoch = [&](const EpochFigures&) { ++num_epochs; },
                                   .should_stop = [&] { return num_epochs > 1; }};
  REQUIRE(run_on(torch::kCPU, parts, false, stopping).interrupted);
  parts.options.resume = true;
  const TrainingReport resumed = run_on(other_device(), parts, false);
  REQUIRE(resumed.epochs.size() == expected.epochs.size());
  CHECK(resumed.epochs.back().loss == Approx(expected.epochs.back().loss).epsilon(1e-3));
}

TEST_CASE("a GPU that is not there is asked for in vain") {
  if (torch::cuda::is_available()) return;
  TrainingSetting setting;
  setting.options.device = ComputeDevice::kCuda;
  CHECK_THROWS_WITH(train(setting.pictures, setting.options), Catch::Contains("GPU"));
  CHECK(training::find_device(ComputeDevice::kAuto).is_cpu());
}
