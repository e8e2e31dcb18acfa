// SPDX-License-Identifier: MIT
#include "ranking/shopper.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace vitrine::benchmarks {
namespace {

double by_relevance(Offer::Relevance relevance, double same, double category, double other) {
  if (relevance == Offer::Relevance::kSameProduct) return same;
  return relevance == Offer::Relevance::kSameCategory ? category : other;
}

double gain(const Offer& offer) {
  return click_probability(offer) * purchase_probability(offer);
}

double discounted(std::span<const double> gains, std::size_t k) {
  double sum = 0;
  for (std::size_t i = 0; i < std::min(k, gains.size()); ++i)
    sum += gains[i] / std::log2(static_cast<double>(i) + 2);
  return sum;
}

}  // namespace

double click_probability(const Offer& offer) {
  return by_relevance(offer.relevance, 0.8, 0.15, 0.02) / (1 + std::exp(-0.8 * offer.quality));
}

double purchase_probability(const Offer& offer) {
  return by_relevance(offer.relevance, 1, 0.2, 0.05) / (1 + std::exp(1 - 0.8 * offer.quality));
}

std::vector<Reaction> reactions(std::span<const Offer> page, Random& random) {
  std::vector<Reaction> made(page.size());
  for (std::size_t i = 0; i < page.size(); ++i) {
    made[i].clicked = random.uniform() < click_probability(page[i]);
    made[i].bought = made[i].clicked && random.uniform() < purchase_probability(page[i]);
    if (made[i].bought || random.uniform() >= kContinuation) break;
  }
  return made;
}

double conversion(std::span<const Offer> page) {
  double looking = 1;
  double bought = 0;
  for (const Offer& offer : page) {
    bought += looking * gain(offer);
    looking *= (1 - gain(offer)) * kContinuation;
  }
  return bought;
}

double ndcg(std::span<const Offer> page, std::span<const Offer> all, std::size_t k) {
  std::vector<double> found, best;
  for (const Offer& offer : page) found.push_back(gain(offer));
  for (const Offer& offer : all) best.push_back(gain(offer));
  std::sort(best.begin(), best.end(), std::greater<>());
  return discounted(found, k) / discounted(best, k);
}

}  // namespace vitrine::benchmarks
