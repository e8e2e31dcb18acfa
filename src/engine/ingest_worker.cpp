// SPDX-License-Identifier: MIT
#include "engine/ingest_worker.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "vitrine/rerank.h"

namespace vitrine::engine {
namespace {

using Kind = PictureResult::Kind;

/// Some planned pictures on their way through a worker.
class IngestTask {
 public:
  IngestTask(const IngestShared& shared, std::size_t task)
      : shared_(shared),
        first_(task * shared.task_size),
        num_pictures_(std::min(shared.task_size, shared.plan.pictures.size() - first_)),
        pictures_(shared.settings, paths()),
        kinds_(num_pictures_, Kind::kEmbedded) {}

  void read() { pictures_.read(); }

  void look_up(ContentRegister& contents) {
    for (std::size_t i = 0; i < num_pictures_; ++i) {
      const TaskPicture& picture = pictures_.pictures()[i];
      if (picture.state != TaskPicture::State::kRead) continue;
      const PlannedPicture& planned = shared_.plan.pictures[first_ + i];
      if (planned.existing && planned.existing_hash == picture.hash) {
        kinds_[i] = Kind::kSameContent;
        contents.add(picture.hash);
      } else if (contents.is_known(picture.hash)) {
        kinds_[i] = Kind::kKnownContent;
      }
    }
  }

  void decode_and_embed() {
    pictures_.embed([&](std::size_t i) { return kinds_[i] == Kind::kEmbedded; });
  }

  TaskResult take_results() {
    TaskResult results;
    for (std::size_t i = 0; i < num_pictures_; ++i) results.push_back(result_of(i));
    return results;
  }

 private:
  std::vector<const std::string*> paths() const {
    std::vector<const std::string*> paths;
    for (std::size_t i = first_; i < first_ + num_pictures_; ++i)
      paths.push_back(&shared_.source.entries[shared_.plan.pictures[i].entry_index].path);
    return paths;
  }

  PictureResult result_of(std::size_t i) {
    TaskPicture& picture = pictures_.pictures()[i];
    PictureResult result{.picture_index = first_ + i,
                         .kind = kinds_[i],
                         .failure = std::move(picture.failure),
                         .facts = picture.facts,
                         .hash = picture.hash,
                         .width_px = picture.width_px,
                         .height_px = picture.height_px};
    if (picture.state == TaskPicture::State::kUnreadable) result.kind = Kind::kUnreadable;
    if (picture.state == TaskPicture::State::kBadContent) result.kind = Kind::kBadContent;
    if (picture.state == TaskPicture::State::kEmbedded) {
      result.code = std::move(picture.embedding.code);
      result.feature = to_half(picture.embedding.feature);
    }
    return result;
  }

  const IngestShared& shared_;
  const std::size_t first_;
  const std::size_t num_pictures_;
  PictureTask pictures_;
  std::vector<Kind> kinds_;  ///< of those that could be read: what is to be done with them
};

}  // namespace

ContentRegister::ContentRegister(const IngestShared& shared) : shared_(shared) {
  for (const PlannedPicture& picture : shared.plan.pictures)
    if (picture.existing) replaced_.insert(*picture.existing);
}

bool ContentRegister::is_known(const ContentHash& hash) {
  if (!seen_.insert(hash).second) return true;
  if (shared_.plan.catalog_was_empty) return false;
  const std::lock_guard lock(shared_.catalog_mutex);
  const std::optional<ItemId> owner = shared_.catalog.find_by_hash(hash);
  return owner && !replaced_.contains(*owner);
}

void run_ingest_worker(const IngestShared& shared, ContentRegister& contents) noexcept {
  try {
    while (const std::optional<std::size_t> task = shared.exchange.claim()) {
      IngestTask work(shared, *task);
      work.read();
      if (!shared.exchange.in_turn(*task, [&] { work.look_up(contents); })) return;
      work.decode_and_embed();
      if (shared.exchange.stopped()) return;
      shared.exchange.deliver(*task, work.take_results());
    }
  } catch (...) {
    shared.exchange.fail(std::current_exception());
  }
}

}  // namespace vitrine::engine
