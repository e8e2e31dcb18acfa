// SPDX-License-Identifier: MIT
#include "engine/change_pictures.h"

#include <utility>

#include "engine/picture_run.h"
#include "vitrine/error.h"
#include "vitrine/rerank.h"

namespace vitrine::engine {
namespace {

using State = ChangePicture::State;

bool is_stale(const Catalog& catalog, const ItemChange& change) {
  if (!change.version) return false;
  const std::optional<std::int64_t> known = catalog.version(change.key);
  return known && *known >= *change.version;
}

void take(ChangePicture& picture, TaskPicture& result) {
  picture.facts = result.facts;
  picture.hash = result.hash;
  picture.width_px = result.width_px;
  picture.height_px = result.height_px;
  picture.failure = std::move(result.failure);
  picture.state = result.state == TaskPicture::State::kRead ? State::kKnown : State::kFailed;
  if (result.state != TaskPicture::State::kEmbedded) return;
  picture.state = State::kEmbedded;
  picture.code = std::move(result.embedding.code);
  picture.feature = to_half(result.embedding.feature);
}

}  // namespace

ChangePictures::ChangePictures(const Catalog& catalog, const Embedder& embedder,
                               std::span<const ItemChange> changes, const ChangeOptions& options)
    : pictures_(changes.size()) {
  choose(catalog, changes);
  const PictureRun run{
      .embedder = embedder,
      .paths = paths_,
      .max_pixels = options.max_pixels,
      .num_threads = options.num_threads,
      .should_stop = options.should_stop,
      .wanted = [&](std::size_t i, const ContentHash& hash) { return must_embed(catalog, i, hash); }};
  run_pictures(run, [&](std::size_t i, TaskPicture& result) {
    take(pictures_[chosen_[i]], result);
    if (pictures_[chosen_[i]].state == State::kEmbedded) ++num_embedded_;
  });
}

void ChangePictures::choose(const Catalog& catalog, std::span<const ItemChange> changes) {
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const ItemChange& change = changes[i];
    if (change.path.empty() || is_stale(catalog, change)) continue;
    ChangePicture& picture = pictures_[i];
    try {
      picture.facts = inspect_file(change.path);
    } catch (const Error& error) {
      picture.state = State::kFailed;
      picture.failure = error.what();
      continue;
    }
    const std::optional<ItemId> id = catalog.find(change.key);
    const std::optional<Item> item = id ? catalog.item(*id) : std::nullopt;
    picture.state = State::kWaiting;
    if (item && item->path == change.path &&
        picture.facts == FileFacts{item->file_size_bytes, item->modified_ns}) {
      picture.state = State::kSameFile;
      picture.hash = item->hash;
      continue;
    }
    if (id) replaced_.insert(*id);
    chosen_.push_back(i);
    paths_.push_back(change.path);
    hashes_before_.push_back(item ? item->hash : ContentHash{});
  }
}

// Only what is certain to be there when the change's turn comes counts as known. Decided by order alone,
// never by how far other threads are.
bool ChangePictures::must_embed(const Catalog& catalog, std::size_t i, const ContentHash& hash) {
  if (by_content_.contains(hash)) return false;
  const std::optional<ItemId> owner = catalog.find_by_hash(hash);
  if (owner && (hash == hashes_before_[i] || !replaced_.contains(*owner))) return false;
  by_content_.emplace(hash, chosen_[i]);
  return true;
}

const ChangePicture* ChangePictures::with_content(const ContentHash& hash) const {
  const auto found = by_content_.find(hash);
  return found == by_content_.end() ? nullptr : &pictures_[found->second];
}

}  // namespace vitrine::engine
