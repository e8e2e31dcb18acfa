// SPDX-License-Identifier: MIT
#include "inventory/picture_comparer.h"

#include <optional>
#include <utility>

#include "vitrine/error.h"
#include "vitrine/image.h"

namespace vitrine::inventory {
namespace {

// Twelve kilobytes each. When so many are known, all are forgotten: neighbours in the catalogue are compared
// at about the same time.
constexpr std::size_t kMaxKnown = 8192;
// Enough for a comparison at a quarter of this, and JPEG is quick to decode at reduced scale.
constexpr int kDecodedSidePx = 96;

// Null if the picture is gone or damaged since it was indexed, or is of one colour.
std::shared_ptr<const PictureLook> look_at(const std::string& path) {
  try {
    if (const auto look = PictureLook::of(Image::read(path, {.min_side_px = kDecodedSidePx}))) {
      return std::make_shared<const PictureLook>(*look);
    }
  } catch (const Error&) {
  }
  return nullptr;
}

}  // namespace

// What is known of an item; with `look`, also what its picture looks like.
PictureComparer::Known PictureComparer::known(ItemId id, bool look) {
  Known made;
  bool is_known = false;
  {
    const std::lock_guard lock(mutex_);
    if (const auto place = known_.find(id); place != known_.end()) {
      if (place->second.is_seen || !look) return place->second;
      made = place->second;
      is_known = true;
    }
  }
  if (!is_known) {
    if (std::optional<Item> item = catalog_.item(id)) {
      made.hash = item->hash;
      made.path = std::move(item->path);
    }
  }
  if (look) {
    made.look = look_at(made.path);
    made.is_seen = true;
  }
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMaxKnown) known_.clear();
  if (made.is_seen && !made.look) unseen_.insert(id);
  known_[id] = made;
  return made;
}

bool PictureComparer::same_picture(ItemId left, ItemId right) {
  if (known(left, false).hash == known(right, false).hash) return true;
  const Known one = known(left, true);
  const Known other = known(right, true);
  return one.look && other.look && one.look->correlation(*other.look) >= min_correlation_;
}

std::size_t PictureComparer::num_unseen() const {
  const std::lock_guard lock(mutex_);
  return unseen_.size();
}

}  // namespace vitrine::inventory
