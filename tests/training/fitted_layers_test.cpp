// SPDX-License-Identifier: MIT
#include "training/category_head.h"
#include "training/code_rotation.h"
#include "training/projection.h"
#include "training/torch_with_catch.h"

using namespace vitrine::training;

namespace {

constexpr std::int64_t kAverages = 1280;

torch::Tensor unit_rows(const torch::Tensor& x) {
  return x / x.norm(2, 1, true);
}

torch::Tensor cosines(const torch::Tensor& features) {
  return torch::mm(features, features.t());
}

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

// Mean squared distance between the features and their signs.
double distance_to_signs(const torch::Tensor& features) {
  return (features - features.sign()).square().mean().item<double>();
}

}  // namespace

TEST_CASE("the category head finds classes that a plane separates") {
  torch::manual_seed(8);
  const torch::Tensor labels = torch::randint(0, 3, {300}, torch::kInt64);
  const torch::Tensor features =
      torch::nn::functional::one_hot(labels, 3).to(torch::kFloat32) + 0.1 * torch::randn({300, 3});
  const CategoryHead head = fit_category_head(features, labels, 3);
  CHECK(accuracy(head, features, labels) > 0.99);
}

TEST_CASE("the fitted projection centres the features and evens out their bits") {
  torch::manual_seed(9);
  const torch::Tensor averages = torch::randn({500, 1280}) * torch::linspace(2, 0.1, 1280) + 3;
  EmbeddingNetwork network(64);
  fit_projection(network, averages, 0.5, 1);
  torch::NoGradGuard no_gradient;
  const torch::Tensor features = network->project(averages);
  CHECK(features.norm(2, 1).sub(1).abs().max().item<double>() < 1e-5);
  const torch::Tensor share_of_ones = (features > 0).to(torch::kFloat64).mean(0);
  CHECK(share_of_ones.min().item<double>() > 0.4);
  CHECK(share_of_ones.max().item<double>() < 0.6);
}

TEST_CASE("the code rotation is orthogonal and each iteration brings features closer to their signs") {
  torch::manual_seed(11);
  const torch::Tensor features = unit_rows(torch::randn({800, 64}) * torch::linspace(2, 0.2, 64)) * 8;
  double before = distance_to_signs(features);
  for (const int num_iterations : {1, 2, 5, 20}) {
    const torch::Tensor rotation = fit_code_rotation(features, num_iterations);
    CHECK(largest_difference(torch::mm(rotation, rotation.t()), torch::eye(64)) < 1e-4);
    const double after = distance_to_signs(torch::mm(features, rotation));
    CHECK(after <= before + 1e-6);
    before = after;
  }
  CHECK(before < 0.9 * distance_to_signs(features));
}

TEST_CASE("features that are codes already are not turned away from them") {
  torch::manual_seed(12);
  const torch::Tensor codes = torch::where(torch::randn({500, 64}) > 0, 1.0F, -1.0F);
  CHECK(largest_difference(fit_code_rotation(codes), torch::eye(64)) < 1e-3);
}

TEST_CASE("turning a network's features keeps their cosines") {
  torch::NoGradGuard no_gradient;
  torch::manual_seed(13);
  EmbeddingNetwork network(64);
  const torch::Tensor averages = torch::rand({200, kAverages});
  const torch::Tensor before = network->project(averages);
  const torch::Tensor rotation = fit_code_rotation(before);
  rotate_features(network, rotation);
  const torch::Tensor after = network->project(averages);
  CHECK(largest_difference(after, torch::mm(before, rotation)) < 1e-5);
  CHECK(largest_difference(cosines(after), cosines(before)) < 1e-5);
  CHECK(largest_difference(after, before) > 0.01);
}
