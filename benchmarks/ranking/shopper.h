// SPDX-License-Identifier: MIT
#pragma once
/// A user who reads a page of offers from the top (a cascade: Craswell et al., WSDM 2008; it goes on after
/// clicks that end without a purchase, as in Chapelle and Zhang, WWW 2009).
#include <span>
#include <vector>

#include "index/random.h"

namespace vitrine::benchmarks {

/// What she sees of an offer.
struct Offer {
  enum class Relevance { kSameProduct, kSameCategory, kOther };
  Relevance relevance = Relevance::kOther;
  double quality = 0;  ///< hidden, standard normal
};

/// After each offer that was not bought she goes on with this probability.
inline constexpr double kContinuation = 0.85;

/// Of a user who looks: she clicks r / (1 + exp(-0.8 q)), r = 0.8, 0.15, 0.02 for the same product, the same
/// category, anything else ...
double click_probability(const Offer& offer);
/// ... and buys what she clicked with b / (1 + exp(1 - 0.8 q)), b = 1, 0.2, 0.05.
double purchase_probability(const Offer& offer);

struct Reaction {
  bool clicked = false;
  bool bought = false;
};
/// What she does with each offer; nothing with those she does not look at.
std::vector<Reaction> reactions(std::span<const Offer> page, Random& random);

/// The probability that she buys one of the offers: exact, no dice.
double conversion(std::span<const Offer> page);

/// NDCG@k (Jarvelin and Kekalainen 2002) with the probability that an offer is clicked and bought as its
/// gain; `all` are the offers that could have been shown.
double ndcg(std::span<const Offer> page, std::span<const Offer> all, std::size_t k);

}  // namespace vitrine::benchmarks
