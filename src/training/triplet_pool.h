// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <vector>

#include "training/picture_pool.h"
#include "vitrine/triplet_set.h"

namespace vitrine::training {

/// Positions in PicturePool::pictures.
struct PooledTriplet {
  std::size_t positive = 0;
  std::vector<std::size_t> negatives;
  double weight = 1;
};

/// All triplets of one photo.
struct QueryTriplets {
  std::size_t query = 0;
  std::vector<PooledTriplet> triplets;
  std::vector<std::int64_t> clicked_products;  ///< numbers of the positives' products, ascending
};

/// The triplets whose pictures could be read, by photo, in the order of the pool.
struct TripletPool {
  std::vector<QueryTriplets> training;
  std::vector<QueryTriplets> validation;
  std::vector<std::int64_t> product_numbers;  ///< of every picture of the pool; -1: none
  TripletFigures figures;
};

/// `pool` must hold the set's pictures.
TripletPool pool_triplets(const TripletSet& set, const PicturePool& pool);

}  // namespace vitrine::training
