// SPDX-License-Identifier: MIT
#pragma once
/// Turns page views into distances: the only part of mining that looks at pictures.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "clicks/examination.h"
#include "clicks/fused_distance.h"
#include "clicks/picture_describer.h"
#include "clicks/view_stream.h"

namespace vitrine::clicks {

/// An item that was clicked, or passed over by somebody who probably looked at it.
struct ComparedItem {
  std::uint32_t row = 0;            ///< in the ItemTable
  std::uint32_t product_index = 0;  ///< in the ItemTable
  std::string name;                 ///< as the log has it
  std::size_t position = 1;
  bool clicked = false;
  std::optional<bool> same_product;  ///< truth, if known
  RawDistances to_photo{};
  std::vector<RawDistances> to_clicks;  ///< to each clicked item of the view, in the order of `clicks`
};

struct ComparedView {
  std::string place;
  std::string query;  ///< as the log has it
  std::string photo;  ///< absolute path
  std::vector<ComparedItem> items;
  std::vector<std::size_t> clicks;  ///< which of the items are clicked
};

/// What calibration wants to know beside the distances within each view.
struct CalibrationSampler {
  std::mt19937_64 random;
  RandomPairs pairs{};                    ///< pictures of different views
  std::vector<Impression> impressions{};  ///< of all known items, by the distance of the catalogue's model
};

class ViewComparer {
 public:
  ViewComparer(const ItemTable& items, PictureDescriber& describer, std::size_t examined_below_last_click)
      : items_(items), describer_(describer), examined_below_last_click_(examined_below_last_click) {}

  /// Compares the photo of each view with the view's items and these with each other. Views whose photo
  /// cannot be read are left out; items that are unknown, unreadable, the photo itself, or not examined, too.
  std::vector<ComparedView> compare(std::span<const LocatedView> views,
                                    const ViewStream::DropSink& on_dropped,
                                    CalibrationSampler* sampler = nullptr);

 private:
  struct Described;
  std::vector<Described> describe(std::span<const LocatedView> views, const ViewStream::DropSink& on_dropped,
                                  CalibrationSampler* sampler);
  static void sample_pairs(std::span<const Described> views, CalibrationSampler& sampler);
  void add_impressions(const PageView& view, const Description& photo, CalibrationSampler& sampler) const;
  void select_items(const LocatedView& view, Described& described, const ViewStream::DropSink& on_dropped);
  std::uint32_t most_alike(std::span<const std::uint32_t> rows, const Description& photo) const;

  const ItemTable& items_;
  PictureDescriber& describer_;
  std::size_t examined_below_last_click_;
};

}  // namespace vitrine::clicks
