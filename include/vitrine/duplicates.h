// SPDX-License-Identifier: MIT
#pragma once
/// Pictures of a catalogue that are the same picture or nearly so: the file twice, saved anew, resized, a
/// little cropped. Shops list one product many times with one picture, and results flooded by it are of no
/// use. Paper: Visual Search at Alibaba (KDD 2018), item inventory. docs/duplicates.md has the method and its
/// figures.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vitrine/catalog.h"

namespace vitrine {

struct DuplicateOptions {
  /// Two pictures may be duplicates if their codes differ in at most this share of the bits ...
  double max_bit_share = 0.25;
  /// ... and the cosine of their features is at least this. A model that knows a product again says the same
  /// of two photos of it, so these two alone only choose whom to look at.
  double min_cosine = 0.7;
  /// They are if the pictures themselves, small and grey, are so alike: their correlation, one of them
  /// possibly cut by up to 8 % on each side. Pictures that cannot be read are duplicates only of equal files.
  /// Unset: what codes and features say counts; then min_cosine should be 0.995 or so for products that the
  /// model was trained with, and max_bit_share 0.14.
  std::optional<double> min_correlation = 0.97;
  /// Share of the pictures within that distance which the search through the index finds, 0.9 to 1; see
  /// HammingSearchOptions::target_recall.
  double target_recall = 0.995;
  /// Of a group, the picture with most of this quality column comes first, then the one with most pixels,
  /// then the oldest item. Empty: by pixels. A picture without the column comes after those that have it.
  std::string prefer{};
  /// 0: one per core.
  unsigned num_threads = 0;
  /// Called now and then with the number of pictures done and of all; returning false ends the search.
  std::function<bool(std::size_t done, std::size_t total)> on_progress{};

  /// kInvalidArgument names the first number out of range.
  void validate() const;
};

struct DuplicatePicture {
  ItemId id = 0;
  Item item;
  std::uint32_t hamming = 0;  ///< bits in which the code differs from that of the group's first picture
  double cosine = 1;          ///< of the features of the two
  bool same_file = false;     ///< the files of the two are equal byte for byte
};

/// Two or more pictures; the first one is the one to keep.
using DuplicateGroup = std::vector<DuplicatePicture>;

struct DuplicateReport {
  bool interrupted = false;        ///< `on_progress` ended the search
  std::size_t num_unreadable = 0;  ///< pictures to look at that cannot be read, or are of one colour
};

/// Calls `on_group` for each group. Every picture is in one group at most: in ascending order of ids, each
/// picture that is in none yet takes all its duplicates that are in none. So a group has a centre, and no
/// chain of small steps leads from it to something else. Groups do not depend on the number of threads.
///
/// Cost: one search of the index per group and per picture without duplicates; without lists (see
/// search_index.h) that compares all codes, so lists are formed in memory first from 50,000 pictures on if
/// the catalogue has none. Besides, each picture that may be a duplicate is decoded, mostly once. Memory:
/// beside the index, one bit an item and some hundred megabytes. Errors: kInvalidArgument for options out of
/// range and for a quality column that no item has; those of reading a catalogue.
DuplicateReport find_duplicates(const Catalog& catalog, const DuplicateOptions& options,
                                const std::function<void(const DuplicateGroup&)>& on_group);

}  // namespace vitrine
