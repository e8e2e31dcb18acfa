// SPDX-License-Identifier: MIT
#include "training/losses.h"

#include <cmath>
#include <functional>

#include "training/torch_with_catch.h"

using namespace vitrine::training;

namespace {

// Largest difference between the gradient of f at x and central differences.
double gradient_error(const std::function<torch::Tensor(const torch::Tensor&)>& f, const torch::Tensor& x) {
  torch::Tensor at = x.clone().requires_grad_();
  f(at).backward();
  const torch::Tensor gradient = at.grad().flatten();
  constexpr double kStep = 1e-6;
  double worst = 0;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    torch::Tensor above = x.clone();
    torch::Tensor below = x.clone();
    above.view(-1)[i] += kStep;
    below.view(-1)[i] -= kStep;
    const double difference = (f(above) - f(below)).item<double>() / (2 * kStep);
    worst = std::max(worst, std::abs(difference - gradient[i].item<double>()));
  }
  return worst;
}

torch::Tensor random_matrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::randn({rows, columns}, torch::kFloat64);
}

torch::Tensor unit_rows(const torch::Tensor& x) {
  return x / x.norm(2, 1, true);
}

}  // namespace

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
