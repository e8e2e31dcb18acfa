// SPDX-License-Identifier: MIT
#include <cmath>

#include "network/safetensors.h"
#include "training/clicked_shop.h"
#include "training/torch_with_catch.h"
#include "vitrine/embedder.h"

using namespace vitrine;
using namespace vitrine::test;

namespace {

struct DetectingShop : ClickedShop {
  DetectingShop() {
    options.detector = DetectorKind::kCrop;
    options.detector_px = 32;
    options.detector_steps = 0;
    options.joint = JointKind::kMask;
    options.joint_epochs = 2;
    options.epochs = 3;
  }
};

}  // namespace

TEST_CASE("detection and features learn together from clicks") {
  DetectingShop shop;
  shop.options.joint = GENERATE(JointKind::kMask, JointKind::kCrop);
  shop.options.joint_feature_rate = GENERATE(0.0, 0.5);
  const TrainingReport report = shop.train_from_clicks();
  REQUIRE(report.epochs.size() == 4);
  for (const EpochFigures& figures : report.epochs) {
    CHECK(std::isfinite(figures.loss));
    CHECK(figures.box_area > 0.05);
    CHECK(std::isnan(figures.box_overlap));  // nobody drew boxes
  }
  // In the last epoch boxes stay.
  CHECK(report.epochs[0].box_area != report.epochs[2].box_area);
  CHECK(report.epochs[2].box_area == report.epochs[3].box_area);
  REQUIRE(report.detector);
  REQUIRE_FALSE(report.detector->histories.empty());
  const BoxHistory& history = report.detector->histories.front();
  REQUIRE(history.snapshots.size() == 3);
  CHECK(history.snapshots.back().when == "epoch 2");
  CHECK(load_embedder(shop.options.output)->info().detects);
}

TEST_CASE("a joint run that was interrupted ends as if it had not been") {
  DetectingShop whole;
  whole.train_from_clicks();
  DetectingShop broken;
  int num_epochs = 0;
  const TrainingReport first =
      broken.train_from_clicks({.on_epoch = [&](const EpochFigures&) { ++num_epochs; },
                                .should_stop = [&] { return num_epochs > 1; }});
  REQUIRE(first.interrupted);
  broken.options.resume = true;
  const TrainingReport second = broken.train_from_clicks();
  CHECK(second.epochs.size() == 4);
  const auto expected = network::SafetensorsFile::open(whole.options.output);
  const auto found = network::SafetensorsFile::open(broken.options.output);
  for (const char* name : {"detector.head.1.bias", "embedding.bias"}) {
    const auto shape = expected.tensors().at(name).shape;
    const std::vector<float> a = expected.floats(name, shape);
    const std::vector<float> b = found.floats(name, shape);
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(b[i] == Approx(a[i]).margin(2e-3));
  }
}

TEST_CASE("detection learns from clicks before the first epoch") {
  DetectingShop shop;
  shop.options.joint = JointKind::kNone;
  shop.options.detector_teacher = DetectorTeacher::kClicks;
  shop.options.detector_steps = 3;
  shop.options.click_candidates = 6;
  const TrainingReport report = shop.train_from_clicks();
  REQUIRE(report.detector);
  CHECK(report.detector->click_gain > 0);
  CHECK(report.detector->histories.front().snapshots.back().when == "3 steps");
  CHECK_THROWS_WITH(train(shop.pictures, shop.options), Catch::Contains("from clicks"));
}

TEST_CASE("a shop without categories can be learned from") {
  DetectingShop shop;
  auto catalog = Catalog::open(shop.shop, Catalog::Mode::kReadWrite);
  for (const ItemId id : std::vector<ItemId>{1, 2, 3, 4}) {
    Item item = *catalog.item(id);
    item.category.clear();
    catalog.update_metadata(id, item);
  }
  catalog.commit();
  const TrainingReport report = shop.train_from_clicks();
  CHECK(report.categories.empty());
  CHECK(std::isfinite(report.epochs.back().loss));
}

TEST_CASE("drawn boxes judge detection and teach nothing") {
  DetectingShop shop;
  TripletSet set = shop.read();
  std::vector<IngestEntry> boxes(2);
  boxes[0].path = shop.photo(0, 1).string();
  boxes[0].quality = {{"x0", 6}, {"y0", 6}, {"x1", 42}, {"y1", 42}};
  boxes[1].path = (shop.folder.path() / "elsewhere.png").string();
  boxes[1].quality = boxes[0].quality;
  CHECK(set_true_boxes(boxes, set.pictures) == 1);
  const TrainingReport judged = train(set, shop.options);
  const TrainingReport unjudged = shop.train_from_clicks();
  for (std::size_t i = 0; i < judged.epochs.size(); ++i) {
    CHECK(judged.epochs[i].box_overlap > 0.1);
    CHECK(judged.epochs[i].box_hits == (judged.epochs[i].box_overlap > 0.5 ? 1 : 0));
    CHECK(judged.epochs[i].loss == Approx(unjudged.epochs[i].loss).margin(1e-3));
  }
  boxes[0].quality.erase("y1");
  CHECK_THROWS_WITH(set_true_boxes(boxes, set.pictures), Catch::Contains("'y1'"));
  boxes[0].quality["y1"] = 6;
  CHECK_THROWS_WITH(set_true_boxes(boxes, set.pictures), Catch::Contains("no area"));
}

TEST_CASE("joint learning that cannot be had is refused with the reason") {
  DetectingShop shop;
  const auto fails = [&](const char* part) {
    CHECK_THROWS_WITH(shop.train_from_clicks(), Catch::Contains(part));
  };
  SECTION("no detection") {
    shop.options.detector = DetectorKind::kNone;
    fails("there is none");
  }
  SECTION("more joint epochs than epochs") {
    shop.options.joint_epochs = 4;
    fails("joint_epochs");
  }
  SECTION("step size out of range") {
    shop.options.joint_learning_rate = 1;
    fails("joint_learning_rate");
  }
  SECTION("share out of range") {
    shop.options.joint_feature_rate = 1.5;
    fails("joint_feature_rate");
  }
  SECTION("price out of range") {
    shop.options.box_area_weight = -1;
    fails("box_area_weight");
  }
  SECTION("candidates out of range") {
    shop.options.click_candidates = 1;
    fails("click_candidates");
  }
  SECTION("boxes that run away") {
    shop.options.joint = JointKind::kCrop;
    shop.options.joint_learning_rate = 0.9;
    shop.options.box_area_weight = 900;
    fails("detection has collapsed");
  }
}
