// SPDX-License-Identifier: MIT
#pragma once
/// Training from clicks instead of labels: triplets that vitrine-mine found in click logs, brought together
/// with the pictures of the catalogue that they name. Nobody has to say what a photo shows. See
/// docs/training.md.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/training.h"

namespace vitrine {

/// A photo, a picture of the same product, and pictures of others: positions in TripletSet::pictures.
struct TrainingTriplet {
  std::size_t query = 0;
  std::size_t positive = 0;
  std::vector<std::size_t> negatives;
  double weight = 1;      ///< above 0
  bool held_out = false;  ///< asked for after each epoch, never learned from
};

struct TripletSetOptions {
  /// Share of the photos that are held out for validation, 0 to 0.9. Which ones follows from a hash of the
  /// photo's path alone, so that next month's log holds out the same ones.
  double validation_share = 0.1;
  /// Of a longer file an even sample is taken: all pictures of a run are held in memory.
  std::size_t max_triplets = 200'000;
  std::uint64_t seed = 1;  ///< of that sample

  /// kInvalidArgument names the first field out of range.
  void validate() const;
};

/// Pictures and triplets of a training run. A photo that is held out has Split::kValidation, unless the
/// catalogue sells that very file: then it is learned from as an item.
struct TripletSet {
  std::vector<TrainingPicture> pictures;
  std::vector<TrainingTriplet> triplets;

  std::uint64_t num_read = 0;           ///< triplets in the file
  std::uint64_t num_not_drawn = 0;      ///< of these, beyond max_triplets
  std::uint64_t num_unknown_items = 0;  ///< mentions of items that the catalogue does not have
  std::uint64_t num_same_product = 0;   ///< negatives of the positive's own product, left out
  std::uint64_t num_unusable = 0;  ///< triplets left out: the positive is unknown, or no negative was left
};

/// Reads a file of triplets (vitrine/triplets.h). Relative photos start at the file's folder. Items whose
/// attribute `role` is "shop" are clean shop pictures, see TrainingPicture. Errors: those of reading triplets
/// (kCorrupt names the line), and kInvalidArgument, with the counts, if no usable triplet is left. Memory
/// grows with the catalogue's keys and the triplets drawn.
TripletSet read_triplet_set(const std::filesystem::path& file, const Catalog& catalog,
                            const TripletSetOptions& options = {});

/// Adds labelled pictures to judge by, never to learn from: after each epoch those with Split::kValidation
/// are searched among the others, which become Split::kGallery.
void add_labelled(TripletSet& set, std::vector<TrainingPicture> labelled);

/// Trains from triplets alone and writes a model, as train() in vitrine/training.h does from labels: the
/// triplet loss takes the place of the identity loss. Errors: as there, and kInvalidArgument if the pictures
/// that can be read leave no triplet to learn from.
TrainingReport train(const TripletSet& set, const TrainingOptions& options,
                     const TrainingCallbacks& callbacks = {});

}  // namespace vitrine
