// SPDX-License-Identifier: MIT
#include "clicks/threshold.h"

#include <catch2/catch.hpp>
#include <random>

namespace vitrine::clicks {
namespace {

/// Distances of which the truth is known.
struct Sample {
  std::vector<double> distances;
  std::vector<bool> same;
};

Sample draw(std::size_t count, double share_same, std::mt19937_64& random, double overlap = 1) {
  // Not normal on purpose: the near side has a long tail, as photos of one product do.
  std::gamma_distribution<double> same(2, 0.5 * overlap);
  std::normal_distribution<double> other(4, 0.7);
  std::bernoulli_distribution is_same(share_same);
  Sample sample;
  for (std::size_t i = 0; i < count; ++i) {
    sample.same.push_back(is_same(random));
    sample.distances.push_back(sample.same.back() ? same(random) : other(random));
  }
  return sample;
}

double purity(const Sample& sample, bool wanted, double low, double high) {
  double right = 0, count = 0;
  for (std::size_t i = 0; i < sample.distances.size(); ++i) {
    if (sample.distances[i] < low || sample.distances[i] > high) continue;
    ++count;
    right += sample.same[i] == wanted ? 1 : 0;
  }
  return right / count;
}

}  // namespace

TEST_CASE("shares and thresholds are found in two mixed samples") {
  std::mt19937_64 random(1);
  const Sample clicked = draw(20'000, 0.8, random), passed_over = draw(20'000, 0.3, random);
  const ClickMixture mixture(clicked.distances, passed_over.distances);
  CHECK(mixture.same_among_clicked() == Approx(0.8).margin(0.05));
  CHECK(mixture.same_among_passed_over() == Approx(0.3).margin(0.05));
  CHECK(mixture.clicked_is_same(0.1) > 0.95);
  CHECK(mixture.clicked_is_same(5) < 0.1);
  CHECK(mixture.passed_over_is_other(5) > 0.95);

  const Threshold epsilon = choose_epsilon(mixture, clicked.distances, 0.95);
  CHECK(epsilon.expected_purity >= 0.95);
  CHECK(purity(clicked, true, -100, epsilon.value) == Approx(0.95).margin(0.03));
  const Threshold gamma = choose_gamma(mixture, passed_over.distances, 0.97);
  CHECK(gamma.expected_purity >= 0.97);
  CHECK(purity(passed_over, false, gamma.value, 100) == Approx(0.97).margin(0.025));
  CHECK(gamma.value < epsilon.value + 2);
}

TEST_CASE("where one and different products overlap, a purity out of reach is admitted") {
  std::mt19937_64 random(2);
  std::normal_distribution<double> same(0, 1), other(0.3, 1);
  std::vector<double> clicked, passed_over;
  for (int i = 0; i < 4000; ++i) {
    clicked.push_back(i % 5 == 0 ? other(random) : same(random));
    passed_over.push_back(i % 5 == 0 ? same(random) : other(random));
  }
  const ClickMixture mixture(clicked, passed_over);
  const Threshold gamma = choose_gamma(mixture, passed_over, 0.999999);
  CHECK(gamma.expected_purity <= 1);
}

TEST_CASE("clicks that say nothing filter nothing") {
  std::vector<double> distances;
  for (int i = 0; i < 400; ++i) distances.push_back(i);
  const ClickMixture mixture(distances, distances);
  CHECK(mixture.clicked_is_same(200) == 1);
  CHECK(mixture.passed_over_is_other(200) == 1);
  CHECK(choose_epsilon(mixture, distances, 0.95).value == 399);
  CHECK(choose_gamma(mixture, distances, 0.95).value == 0);
}

TEST_CASE("single pairs and equal distances are no trouble") {
  const ClickMixture mixture(std::vector<double>{1}, std::vector<double>{1});
  CHECK(choose_epsilon(mixture, std::vector<double>{1}, 0.95).value == 1);
  CHECK(choose_gamma(mixture, std::vector<double>{1}, 0.95).value == 1);
}

}  // namespace vitrine::clicks
