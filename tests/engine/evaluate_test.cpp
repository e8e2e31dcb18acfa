// SPDX-License-Identifier: MIT
#include "vitrine/evaluate.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "engine/evaluation_figures.h"
#include "engine/test_folder.h"
#include "vitrine/catalog.h"
#include "vitrine/error.h"
#include "vitrine/image.h"
#include "vitrine/rerank.h"

using namespace vitrine;

namespace {

constexpr std::size_t kDim = 64;

/// A unit vector at this angle to the query, in a plane.
std::vector<float> feature_at(double angle) {
  std::vector<float> feature(kDim, 0.0F);
  feature[0] = static_cast<float>(std::cos(angle));
  feature[1] = static_cast<float>(std::sin(angle));
  return feature;
}

/// A code this far from the query's, which is zero.
std::vector<std::byte> code_at(unsigned distance) {
  std::vector<std::byte> code(kDim / 8);
  for (unsigned bit = 0; bit < distance; ++bit) code[bit / 8] |= std::byte{1} << (bit % 8);
  return code;
}

/// Every picture has angle and distance zero.
class OneEmbedding : public Embedder {
 public:
  OneEmbedding() {
    info_.name = "one";
    info_.fingerprint = "ffffffffffffffffffffffffffffffff";
    info_.feature_dim = kDim;
    info_.code_bits = kDim;
    info_.input_px = 1;
  }
  const ModelInfo& info() const override { return info_; }
  std::vector<Embedding> embed(std::span<const Image> images) const override {
    return std::vector<Embedding>(images.size(), {feature_at(0), code_at(0), {}});
  }

 private:
  ModelInfo info_;
};

/// Three products whose order by cosine is A, B, C and by code B, C, A.
struct HandMadeShop {
  test::TestFolder folder;
  std::string photo = folder.write("photo.png", encode_png(Image(1, 1, {1, 2, 3}))).string();

  HandMadeShop() {
    Catalog catalog =
        Catalog::create(folder / "shop", {OneEmbedding().info().fingerprint, "one", kDim, kDim});
    const auto add = [&](const std::string& product, double angle, unsigned distance) {
      Item item;
      item.key = {product, "front"};
      item.path = product;
      item.category = "category of " + product;
      item.hash = {0, distance};
      catalog.upsert(item, code_at(distance), to_half(feature_at(angle)));
    };
    add("A", 0.1, 8);
    add("B", 0.5, 2);
    add("C", 1.0, 5);
    catalog.commit();
  }

  EvaluationReport evaluate(const std::vector<EvaluationQuery>& queries,
                            EvaluationOptions options = {}) const {
    options.ks = {1, 2, 4};
    return vitrine::evaluate(Engine::open(folder / "shop", std::make_shared<OneEmbedding>()), queries,
                             options);
  }
};

std::vector<double> recalls(const EvaluationReport& report, std::size_t ranking) {
  std::vector<double> values;
  for (const RecallAtK& recall : report.rankings.at(ranking).recalls) {
    values.push_back(recall.recall.value);
    CHECK(recall.recall.low <= recall.recall.value);
    CHECK(recall.recall.high >= recall.recall.value);
  }
  return values;
}

}  // namespace

TEST_CASE("recall is the share of photos whose product is among the first k") {
  const HandMadeShop shop;
  // Ranks of the product: 1, 1, 3 by cosine; 3, 3, 2 by code.
  const EvaluationReport report = shop.evaluate({{shop.photo, "A"}, {shop.photo, "A"}, {shop.photo, "C"}});
  CHECK(report.num_evaluated == 3);
  CHECK(report.skipped.empty());
  REQUIRE(report.rankings.size() == 3);
  CHECK(report.rankings[0].name == "float");
  CHECK(report.rankings[1].name == "code");
  CHECK(report.rankings[2].name == "code + re-rank");
  CHECK(recalls(report, 0) == std::vector<double>{2.0 / 3, 2.0 / 3, 1});
  CHECK(recalls(report, 1) == std::vector<double>{0, 1.0 / 3, 1});
  CHECK(recalls(report, 2) == std::vector<double>{2.0 / 3, 2.0 / 3, 1});
  CHECK(report.rankings[0].recalls[0].k == 1);
  CHECK_FALSE(report.category_accuracy);
  REQUIRE(report.latencies.size() == 4);
  CHECK(report.latencies[0].stage == "decode");
  for (const LatencyReport& latency : report.latencies) CHECK(latency.p50_ms <= latency.p95_ms);
}

TEST_CASE("category accuracy counts the photos that name one") {
  const HandMadeShop shop;
  // The nearest item, A, has by far the greatest vote.
  const EvaluationReport report = shop.evaluate(
      {{shop.photo, "A", "category of A"}, {shop.photo, "C", "category of C"}, {shop.photo, "A"}});
  CHECK(report.num_with_category == 2);
  REQUIRE(report.category_accuracy);
  CHECK(report.category_accuracy->value == 0.5);
  // The embedder knows no category, so all comes from the vote.
  CHECK_FALSE(report.model_category_accuracy);
  REQUIRE(report.search_category_accuracy);
  CHECK(report.search_category_accuracy->value == 0.5);
}

TEST_CASE("photos that cannot be read and products that are not there are skipped and named") {
  const HandMadeShop shop;
  const auto text = shop.folder.write("text.jpg", std::string_view("no picture"));
  const EvaluationReport report = shop.evaluate({{(shop.folder / "missing.jpg").string(), "A"},
                                                 {shop.photo, "D"},
                                                 {text.string(), "B"},
                                                 {shop.photo, "B"}});
  CHECK(report.num_evaluated == 1);
  REQUIRE(report.skipped.size() == 3);
  CHECK(report.skipped[0].path.ends_with("missing.jpg"));
  CHECK(report.skipped[1].reason == "the catalogue has no product 'D'");
  CHECK(report.skipped[2].path.ends_with("text.jpg"));
}

TEST_CASE("the figures do not depend on the number of threads") {
  const HandMadeShop shop;
  std::vector<EvaluationQuery> queries;
  for (int i = 0; i < 40; ++i) queries.push_back({shop.photo, i % 3 == 0 ? "A" : "B", ""});
  EvaluationOptions options;
  options.num_threads = 1;
  const EvaluationReport one = shop.evaluate(queries, options);
  options.num_threads = 4;
  const EvaluationReport four = shop.evaluate(queries, options);
  for (std::size_t ranking = 0; ranking < 3; ++ranking)
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(one.rankings[ranking].recalls[i].recall.low == four.rankings[ranking].recalls[i].recall.low);
      CHECK(one.rankings[ranking].recalls[i].recall.value == four.rankings[ranking].recalls[i].recall.value);
    }
}

TEST_CASE("an evaluation can be stopped, and one without queries is empty") {
  const HandMadeShop shop;
  EvaluationOptions options;
  options.num_threads = 1;
  int num_polls = 0;
  options.should_stop = [&] { return ++num_polls > 2; };
  const EvaluationReport stopped =
      shop.evaluate({{shop.photo, "A"}, {shop.photo, "A"}, {shop.photo, "C"}}, options);
  CHECK(stopped.interrupted);
  CHECK(stopped.num_evaluated == 2);
  const EvaluationReport empty = shop.evaluate({});
  CHECK(empty.num_evaluated == 0);
  CHECK_FALSE(empty.interrupted);
  CHECK(recalls(empty, 0) == std::vector<double>{0, 0, 0});
}

TEST_CASE("options that make no sense are refused") {
  const HandMadeShop shop;
  const Engine engine = Engine::open(shop.folder / "shop", std::make_shared<OneEmbedding>());
  const auto refused = [&](auto&& change) {
    EvaluationOptions options;
    change(options);
    try {
      evaluate(engine, {}, options);
    } catch (const Error& error) {
      return error.code() == ErrorCode::kInvalidArgument;
    }
    return false;
  };
  CHECK(refused([](EvaluationOptions& options) { options.ks.clear(); }));
  CHECK(refused([](EvaluationOptions& options) { options.ks = {1, 0}; }));
  CHECK(refused([](EvaluationOptions& options) { options.rerank_candidates = 0; }));
  CHECK(refused([](EvaluationOptions& options) { options.num_resamples = 0; }));
}

TEST_CASE("average precision by hand") {
  const auto judged = engine::judge({false, true, false, true}, 3, 4);
  REQUIRE(judged.first_rank);
  CHECK(*judged.first_rank == 2);
  CHECK(judged.average_precision == Approx((1.0 / 2 + 2.0 / 4) / 3));
  // More items than hits: all four could be right at best.
  CHECK(engine::judge({false, true, false, true}, 10, 4).average_precision == Approx(1.0 / 4));
  CHECK(engine::judge({true, true}, 2, 4).average_precision == 1);
  const auto missed = engine::judge({false, false}, 2, 4);
  CHECK_FALSE(missed.first_rank);
  CHECK(missed.average_precision == 0);
  CHECK_FALSE(engine::judge({}, 0, 4).first_rank);
}

TEST_CASE("an evaluation keeps what each photo got") {
  const HandMadeShop shop;
  // By cosine A, B, C; by code B, C, A: precision 1 and 1/3, then 1/3 and 1/2.
  const EvaluationReport report = shop.evaluate({{shop.photo, "A"}, {shop.photo, "C"}});
  CHECK(report.rankings[0].mean_average_precision.value == Approx((1 + 1.0 / 3) / 2));
  CHECK(report.rankings[1].mean_average_precision.value == Approx((1.0 / 3 + 1.0 / 2) / 2));
  CHECK(report.linear_recall.value == 1);  // three rows are compared one by one
  REQUIRE(report.photos.size() == 2);
  CHECK(report.photos[1].product == "C");
  CHECK(report.photos[1].found_product == "A");
  CHECK(report.photos[1].found_path == "A");
  CHECK(report.photos[1].right_path == "C");
  CHECK(report.photos[1].found_score > report.photos[1].right_score);
  CHECK(*report.photos[1].rankings[0].first_rank == 3);
  CHECK_FALSE(report.boxes);
}

TEST_CASE("boxes are judged by their overlap, and no box is the whole photo") {
  const HandMadeShop shop;
  const std::string photo =
      shop.folder.write("large.png", encode_png(Image(4, 4, std::vector<std::uint8_t>(48)))).string();
  const EvaluationReport report = shop.evaluate({{photo, "A", "", BoxPx{0, 0, 2, 4}},
                                                 {photo, "A", "", BoxPx{0, 0, 4, 4}},
                                                 {photo, "A", "", BoxPx{0, 0, 4, 100}},  // reaches outside
                                                 {photo, "A"}});
  REQUIRE(report.boxes);
  CHECK(report.boxes->num_photos == 3);
  CHECK(report.boxes->mean_overlap.value == Approx((0.5 + 1 + 1) / 3));
  CHECK(report.boxes->above_half.value == Approx(2.0 / 3));
  CHECK(report.boxes->above_threequarters.value == Approx(2.0 / 3));
  CHECK_FALSE(report.photos[3].box_overlap);
}

TEST_CASE("two evaluations are compared photo by photo") {
  const auto evaluation = [](std::size_t num_found, std::size_t num_photos) {
    EvaluationReport report;
    report.rankings.push_back({"float", {{1, {}}, {4, {}}}, {}});
    for (std::size_t i = 0; i < num_photos; ++i) {
      PhotoOutcome photo;
      photo.path = std::to_string(i);
      photo.product = "p";
      photo.rankings.push_back(i < num_found ? PhotoOutcome::Ranked{1, 1.0} : PhotoOutcome::Ranked{3, 0.25});
      report.photos.push_back(photo);
    }
    return report;
  };
  const Comparison better = compare(evaluation(50, 100), evaluation(80, 110));
  CHECK(better.num_photos == 100);
  REQUIRE(better.differences.size() == 3);
  CHECK(better.differences[0].figure == "recall @1");
  CHECK(better.differences[0].first == Approx(0.5));
  CHECK(better.differences[0].second == Approx(0.8));
  CHECK(better.differences[0].difference.value == Approx(0.3));
  CHECK(better.differences[0].is_certain());
  CHECK(better.differences[1].figure == "recall @4");
  CHECK(better.differences[1].difference.value == 0);
  CHECK_FALSE(better.differences[1].is_certain());
  CHECK(better.differences[2].figure == "mAP @4");
  CHECK(better.differences[2].difference.value == Approx(0.3 * 0.75));
  // One photo more of a hundred may be chance.
  CHECK_FALSE(compare(evaluation(50, 100), evaluation(51, 100)).differences[0].is_certain());
  CHECK(compare(evaluation(80, 100), evaluation(50, 100)).differences[0].difference.high < 0);
  CHECK(compare(evaluation(1, 1), EvaluationReport{}).num_photos == 0);
}
