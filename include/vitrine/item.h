// SPDX-License-Identifier: MIT
#pragma once
/// What a catalogue knows of one picture.
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "vitrine/box.h"

namespace vitrine {

/// Dense number of an item, given by the catalogue; never used again after the item is removed.
using ItemId = std::uint64_t;

/// An item is one picture of one product. Adding the same key again replaces the item.
struct ItemKey {
  std::string product;
  std::string picture;
  friend bool operator==(const ItemKey&, const ItemKey&) = default;
  friend auto operator<=>(const ItemKey&, const ItemKey&) = default;
};

/// 128-bit hash of a picture file's bytes (XXH3).
struct ContentHash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend bool operator==(const ContentHash&, const ContentHash&) = default;
};
ContentHash content_hash(std::span<const std::byte> bytes);

struct Item {
  ItemKey key;
  std::string path;      ///< where the picture lies, as bytes of the file system (not necessarily UTF-8)
  std::string category;  ///< empty: none
  ContentHash hash;
  std::int64_t file_size_bytes = 0;
  std::int64_t modified_ns = 0;  ///< modification time of the file, nanoseconds since the epoch
  int width_px = 0;              ///< upright size of the picture
  int height_px = 0;
  std::optional<BoxPx> box_px;            ///< where the product is; unset: the whole picture
  std::string attributes_json = "{}";     ///< any JSON object
  std::map<std::string, double> quality;  ///< numeric columns, for example sales or price
};

}  // namespace vitrine
