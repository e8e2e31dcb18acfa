// SPDX-License-Identifier: MIT
#include "training/losses.h"

#include <cmath>

#include "training/torch_with_catch.h"

#include "training/gradients.h"

using namespace vitrine::training;
using namespace vitrine::test;

TEST_CASE("the identity loss equals its formula") {
  // One picture, two classes at right angles; the feature is the first class: cosines 1 and 0.
  const torch::Tensor feature = torch::tensor({{1.0, 0.0}}, torch::kFloat64);
  const torch::Tensor classes = torch::tensor({{2.0, 0.0}, {0.0, 5.0}}, torch::kFloat64);
  const double loss =
      cosine_margin_loss(feature, classes, torch::tensor({0}, torch::kInt64), 0.15, 16).item<double>();
  CHECK(loss == Approx(std::log(1 + std::exp(-16 * 0.85))));
}

TEST_CASE("pictures without a label do not count in the identity loss") {
  const torch::Tensor features = unit_rows(random_matrix(3, 4, 1));
  const torch::Tensor classes = random_matrix(5, 4, 2);
  const auto loss = [&](const torch::Tensor& f, std::vector<std::int64_t> labels) {
    return cosine_margin_loss(f, classes, torch::tensor(labels, torch::kInt64), 0.1, 8).item<double>();
  };
  CHECK(loss(features, {2, -1, 4}) ==
        Approx((loss(features.slice(0, 0, 1), {2}) + loss(features.slice(0, 2, 3), {4})) / 2));
  CHECK(loss(features, {-1, -1, -1}) == 0);
}

TEST_CASE("gradients of the losses agree with finite differences") {
  const torch::Tensor features = random_matrix(4, 6, 3);
  const torch::Tensor classes = random_matrix(5, 6, 4);
  const torch::Tensor initial = unit_rows(random_matrix(4, 6, 5));
  const torch::Tensor labels = torch::tensor({0, 3, -1, 4}, torch::kInt64);
  CHECK(
      gradient_error(
          [&](const torch::Tensor& x) { return cosine_margin_loss(unit_rows(x), classes, labels, 0.15, 16); },
          features) < 1e-6);
  CHECK(gradient_error(
            [&](const torch::Tensor& x) {
              return cosine_margin_loss(unit_rows(features), x, labels, 0.15, 16);
            },
            classes) < 1e-6);
  CHECK(gradient_error([&](const torch::Tensor& x) { return retention_loss(unit_rows(x), initial); },
                       features) < 1e-7);
  CHECK(gradient_error([&](const torch::Tensor& x) { return relation_loss(unit_rows(x), initial); },
                       features) < 1e-7);
  CHECK(gradient_error([&](const torch::Tensor& x) { return quantization_loss(unit_rows(x)); }, features) <
        1e-7);
}

TEST_CASE("nothing has been forgotten while the features are the initial ones") {
  const torch::Tensor features = unit_rows(random_matrix(4, 6, 6));
  CHECK(retention_loss(features, features).item<double>() == Approx(0).margin(1e-12));
  CHECK(relation_loss(features, features).item<double>() == Approx(0).margin(1e-12));
  // A rotation of all features changes every feature and no similarity.
  const torch::Tensor rotation = std::get<0>(torch::linalg_qr(random_matrix(6, 6, 7)));
  CHECK(retention_loss(features, torch::mm(features, rotation)).item<double>() > 0.1);
  CHECK(relation_loss(features, torch::mm(features, rotation)).item<double>() == Approx(0).margin(1e-12));
}

TEST_CASE("the quantisation loss is half the squared distance between features and their codes") {
  // The first row is its own code; the second, along an axis, is as far from its code as can be.
  const torch::Tensor features =
      torch::tensor({{0.5, -0.5, 0.5, 0.5}, {0.0, 1.0, 0.0, 0.0}}, torch::kFloat64);
  CHECK(quantization_loss(features.slice(0, 0, 1)).item<double>() == Approx(0).margin(1e-12));
  CHECK(quantization_loss(features.slice(0, 1, 2)).item<double>() == Approx(0.5));
  CHECK(quantization_loss(features).item<double>() == Approx(0.25));
  const torch::Tensor any = unit_rows(random_matrix(5, 64, 8));
  const torch::Tensor codes = any.sign() / 8;
  CHECK(quantization_loss(any).item<double>() ==
        Approx((any - codes).square().sum(1).mean().item<double>() / 2));
}
