// SPDX-License-Identifier: MIT
#include "clicks/picture_describer.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/parallel.h"
#include "clicks/colour_layout.h"
#include "vitrine/error.h"
#include "vitrine/image.h"

namespace vitrine::clicks {
namespace {

constexpr std::size_t kBatchPictures = 8;

/// Appends the embedder's features of the readable pictures to their descriptions.
void add_features(const Embedder& embedder, std::span<const Image> images,
                  std::span<Description* const> descriptions) {
  if (images.empty()) return;
  const std::vector<Embedding> embeddings = embedder.embed(images);
  for (std::size_t i = 0; i < images.size(); ++i)
    descriptions[i]->features.push_back(to_half(embeddings[i].feature));
}

}  // namespace

PictureDescriber::PictureDescriber(const ItemTable& items, const Embedder& embedder,
                                   const MiningOptions& options)
    : items_(items),
      embedder_(embedder),
      options_(options),
      num_threads_(options.num_threads > 0 ? options.num_threads
                                           : std::max(std::thread::hardware_concurrency(), 1U)) {}

std::vector<std::string> PictureDescriber::feature_names() const {
  std::vector<std::string> names = {embedder_.info().name};
  if (options_.second_embedder != nullptr) names.push_back(options_.second_embedder->info().name);
  names.emplace_back("colour layout");
  return names;
}

std::vector<std::shared_ptr<const Description>> PictureDescriber::describe(
    std::span<const Picture> pictures) {
  std::vector<std::shared_ptr<const Description>> result(pictures.size());
  std::vector<Picture> missing;
  std::unordered_map<std::string, std::vector<std::size_t>> waiting;  // places in `result` by key
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    std::string key = key_of(pictures[i]);
    result[i] = cached(key);
    if (result[i]) continue;
    std::vector<std::size_t>& places = waiting[std::move(key)];
    if (places.empty()) missing.push_back(pictures[i]);
    places.push_back(i);
  }
  std::vector<Description> computed(missing.size());
  base::for_each_part(num_threads_, missing.size(), kBatchPictures, [&](std::size_t begin, std::size_t end) {
    std::vector<Description> part = compute(std::span(missing).subspan(begin, end - begin));
    std::move(part.begin(), part.end(), computed.begin() + static_cast<std::ptrdiff_t>(begin));
  });
  for (std::size_t i = 0; i < missing.size(); ++i) {
    const std::string key = key_of(missing[i]);
    const auto description = std::make_shared<const Description>(std::move(computed[i]));
    for (const std::size_t place : waiting[key]) result[place] = description;
    keep(key, description);
  }
  return result;
}

std::vector<Description> PictureDescriber::compute(std::span<const Picture> pictures) const {
  std::vector<Description> descriptions(pictures.size());
  std::vector<Image> photos, all;  // photos need the catalogue's model, too
  std::vector<Description*> described_photos, described;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    try {
      all.push_back(read(pictures[i]));
    } catch (const Error& error) {
      descriptions[i].failure = error.what();
      continue;
    }
    described.push_back(&descriptions[i]);
    if (pictures[i].photo.empty()) {
      const Half* feature = items_.row(pictures[i].row).feature;
      descriptions[i].features.emplace_back(feature, feature + embedder_.info().feature_dim);
    } else {
      photos.push_back(all.back());
      described_photos.push_back(&descriptions[i]);
    }
  }
  add_features(embedder_, photos, described_photos);
  if (options_.second_embedder != nullptr) add_features(*options_.second_embedder, all, described);
  for (std::size_t i = 0; i < all.size(); ++i)
    described[i]->features.push_back(to_half(colour_layout(all[i])));
  return descriptions;
}

Image PictureDescriber::read(const Picture& picture) const {
  int min_side_px = kColourLayoutPx;
  if (options_.second_embedder != nullptr)
    min_side_px = std::max(min_side_px, options_.second_embedder->info().min_decode_px());
  if (!picture.photo.empty())
    return Image::read(picture.photo,
                       {.max_pixels = options_.max_pixels,
                        .min_side_px = std::max(min_side_px, embedder_.info().min_decode_px())});
  const Item item = items_.item(picture.row);
  Image image = Image::read(item.path, {.max_pixels = options_.max_pixels, .min_side_px = min_side_px});
  return item.box_px ? crop(image, *item.box_px) : image;
}

std::string PictureDescriber::key_of(const Picture& picture) {
  return picture.photo.empty() ? std::to_string(picture.row) : '/' + picture.photo;
}

std::shared_ptr<const Description> PictureDescriber::cached(const std::string& key) {
  const auto found = entry_of_key_.find(key);
  if (found == entry_of_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->description;
}

void PictureDescriber::keep(const std::string& key, std::shared_ptr<const Description> description) {
  entries_.push_front({key, std::move(description)});
  entry_of_key_[entries_.front().key] = entries_.begin();
  if (entries_.size() <= options_.cached_pictures) return;
  entry_of_key_.erase(entries_.back().key);
  entries_.pop_back();
}

}  // namespace vitrine::clicks
