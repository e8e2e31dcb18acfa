// SPDX-License-Identifier: MIT
#pragma once
/// The weight of the model against the vote, by the likelihood of the true categories. One weight for all, or
/// one for each category that is drawn towards the common one.
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace vitrine::category {

/// What both sides say about the categories that both know, on one sample.
struct OpinionPair {
  std::size_t truth = 0;  ///< index of the true category
  struct Entry {
    std::size_t category = 0;
    double model = 0;
    double search = 0;
  };
  std::vector<Entry> entries;  ///< categories of which one side says more than nothing; each sums to 1
};

/// The weight that makes the true categories most probable. One imagined sample speaks for each side, so that
/// few samples do not give 0 or 1.
double fit_alpha(std::span<const OpinionPair> samples);

/// Weights `[num_categories]`: the maximum of likelihood times a normal prior on each log-odds about those of
/// `alpha`, of standard deviation 1. A category that occurs in few samples stays near `alpha`.
std::vector<double> fit_category_alphas(std::span<const OpinionPair> samples, std::size_t num_categories,
                                        double alpha);

/// As above, if these weights explain each fifth of the samples, fitted on the others, better in the mean
/// than one weight does; otherwise nothing.
std::optional<std::vector<double>> useful_category_alphas(std::span<const OpinionPair> samples,
                                                          std::size_t num_categories, double alpha);

}  // namespace vitrine::category
