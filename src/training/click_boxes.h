// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <vector>

#include "training/embedding_network.h"
#include "training/triplet_pool.h"

namespace vitrine::training {

/// Where in a photo the product probably is, as far as clicks tell.
struct ClickBox {
  std::size_t picture = 0;  ///< position in the pool
  network::RelativeBox box;
  /// How much more the best candidate looks like what was clicked than the candidates do on average; about 0
  /// where the clicks say nothing about the place.
  double gain = 0;
};

/// Looks for the part of each training photo that is most like the items clicked for it and least like the
/// others. With f(b) the feature of what box b holds, p the mean feature of the clicked items, weighted as
/// their triplets, and n that of all other items that triplets name, a candidate scores
///
///     s(b) = <f(b), p - n>,
///
/// the margin of the triplet loss up to a constant, and the box is the mean of all candidates weighted by
/// exp(s(b) / temperature). Half of the `options.click_candidates` are drawn at random, the others about the
/// mean of the first. The features rest. Photos whose clicks name only one of all items are left out.
/// `on_photo` is called with the number of photos done, and ends the search by returning false: the result is
/// then empty.
std::vector<ClickBox> find_click_boxes(EmbeddingNetwork& network, const PicturePool& pool,
                                       const TripletPool& triplets, const TrainingOptions& options,
                                       const std::function<bool(std::size_t)>& on_photo);

}  // namespace vitrine::training
