// SPDX-License-Identifier: MIT
#include "inventory/picture_comparer.h"

#include "vitrine/error.h"
#include "vitrine/image.h"

namespace vitrine::inventory {
namespace {

// Twelve kilobytes each. When so many are known, all are forgotten: neighbours in the catalogue are compared
// at about the same time.
constexpr std::size_t kMaxKnown = 8192;
// Enough for a comparison at a quarter of this, and JPEG is quick to decode at reduced scale.
constexpr int kDecodedSidePx = 96;

}  // namespace

PictureComparer::Seen PictureComparer::seen(ItemId id) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto place = known_.find(id); place != known_.end()) return place->second;
  }
  Seen made;
  const std::optional<Item> item = catalog_.item(id);
  if (item) {
    made.hash = item->hash;
    try {
      if (const auto look = PictureLook::of(Image::read(item->path, {.min_side_px = kDecodedSidePx}))) {
        made.look = std::make_shared<const PictureLook>(*look);
      }
    } catch (const Error&) {
      // Gone or damaged since it was indexed.
    }
  }
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMaxKnown) known_.clear();
  if (known_.emplace(id, made).second && !made.look) ++num_unseen_;
  return made;
}

bool PictureComparer::same_picture(ItemId left, ItemId right) {
  const Seen one = seen(left);
  const Seen other = seen(right);
  if (one.hash == other.hash) return true;
  return one.look && other.look && one.look->correlation(*other.look) >= min_correlation_;
}

std::size_t PictureComparer::num_unseen() const {
  const std::lock_guard lock(mutex_);
  return num_unseen_;
}

}  // namespace vitrine::inventory
