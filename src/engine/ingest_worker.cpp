// SPDX-License-Identifier: MIT
#include "engine/ingest_worker.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <new>
#include <span>
#include <utility>

#include "vitrine/error.h"
#include "vitrine/image.h"
#include "vitrine/rerank.h"

namespace vitrine::engine {
namespace {

using Kind = PictureResult::Kind;

/// Most file bytes that a task keeps between hashing and decoding, and most pixel bytes that wait for the
/// network. Larger pictures are read a second time and embedded in smaller batches.
constexpr std::size_t kMaxHeldBytes = std::size_t{64} << 20;

/// No format needs more: 16-bit RGBA without compression, and a generous header.
std::uint64_t max_file_bytes(std::uint64_t max_pixels) {
  constexpr std::uint64_t kHeaderBytes = std::uint64_t{16} << 20;
  constexpr std::uint64_t kBytesPerPixel = 8;
  return std::min(max_pixels, (UINT64_MAX - kHeaderBytes) / kBytesPerPixel) * kBytesPerPixel + kHeaderBytes;
}

/// Some pictures on their way through a worker.
class IngestTask {
 public:
  IngestTask(const IngestShared& shared, std::size_t task) : shared_(shared) {
    const std::size_t begin = task * shared.task_size;
    const std::size_t end = std::min(begin + shared.task_size, shared.plan.pictures.size());
    results_.resize(end - begin);
    bytes_.resize(end - begin);
    for (std::size_t i = begin; i < end; ++i) results_[i - begin].picture_index = i;
  }

  void read() {
    std::size_t num_held_bytes = 0;
    for (std::size_t i = 0; i < results_.size() && !shared_.exchange.stopped(); ++i) {
      PictureResult& result = results_[i];
      attempt(result, Kind::kUnreadable, [&] {
        FileContent content = read_file(path_of(result), max_file_bytes(shared_.max_pixels));
        result.facts = content.facts;
        result.hash = content_hash(content.bytes);
        result.kind = Kind::kEmbedded;  // unless one of the next steps says otherwise
        num_held_bytes += content.bytes.size();
        if (num_held_bytes <= kMaxHeldBytes) bytes_[i] = std::move(content.bytes);
      });
    }
  }

  void look_up(ContentRegister& contents) {
    for (PictureResult& result : results_) {
      if (result.kind != Kind::kEmbedded) continue;
      const PlannedPicture& picture = shared_.plan.pictures[result.picture_index];
      if (picture.existing && picture.existing_hash == result.hash) {
        result.kind = Kind::kSameContent;
        contents.add(result.hash);
      } else if (contents.is_known(result.hash)) {
        result.kind = Kind::kKnownContent;
      }
    }
  }

  void decode_and_embed() {
    std::size_t num_pixel_bytes = 0;
    for (std::size_t i = 0; i < results_.size() && !shared_.exchange.stopped(); ++i) {
      if (results_[i].kind != Kind::kEmbedded) continue;
      attempt(results_[i], Kind::kBadContent, [&] { decode(i); });
      bytes_[i] = {};
      if (results_[i].kind != Kind::kEmbedded) continue;
      num_pixel_bytes += images_.back().pixels().size();
      if (images_.size() < shared_.batch_size && num_pixel_bytes < kMaxHeldBytes) continue;
      embed();
      num_pixel_bytes = 0;
    }
    embed();
  }

  TaskResult take_results() { return std::move(results_); }

 private:
  /// Runs a step of one picture; what is wrong with that picture must not end the run.
  template <typename Step>
  static void attempt(PictureResult& result, Kind kind_if_failed, const Step& step) {
    try {
      step();
    } catch (const Error& error) {
      result.kind = kind_if_failed;
      result.failure = error.what();
    } catch (const std::bad_alloc&) {
      result.kind = kind_if_failed;
      result.failure = "not enough memory for this picture";
    }
  }

  const std::string& path_of(const PictureResult& result) const {
    return shared_.source.entries[shared_.plan.pictures[result.picture_index].entry_index].path;
  }

  void decode(std::size_t i) {
    PictureResult& result = results_[i];
    const std::string& path = path_of(result);
    if (bytes_[i].empty() && result.facts.size_bytes > 0) {
      FileContent content = read_file(path, max_file_bytes(shared_.max_pixels));
      if (content_hash(content.bytes) != result.hash)
        throw Error(ErrorCode::kIo, "'" + path + "' changed while it was read; run again");
      bytes_[i] = std::move(content.bytes);
    }
    images_.push_back(
        Image::decode(bytes_[i], {shared_.max_pixels, shared_.embedder.info().min_decode_px()}, path));
    image_results_.push_back(i);
    result.width_px = images_.back().source_width_px();
    result.height_px = images_.back().source_height_px();
  }

  void embed() {
    if (images_.empty()) return;
    try {
      embed_range(0, images_.size());
    } catch (const Error&) {
      // The error does not say which picture it is about.
      for (std::size_t i = 0; i < images_.size(); ++i)
        attempt(results_[image_results_[i]], Kind::kBadContent, [&] { embed_range(i, i + 1); });
    }
    images_.clear();
    image_results_.clear();
  }

  void embed_range(std::size_t begin, std::size_t end) {
    std::vector<Embedding> embeddings =
        shared_.embedder.embed(std::span(images_).subspan(begin, end - begin));
    if (embeddings.size() != end - begin)
      throw Error(ErrorCode::kInternal, "the embedder returned " + std::to_string(embeddings.size()) +
                                            " embeddings for " + std::to_string(end - begin) + " pictures");
    for (std::size_t i = begin; i < end; ++i) {
      Embedding& embedding = embeddings[i - begin];
      if (!std::all_of(embedding.feature.begin(), embedding.feature.end(),
                       [](float x) { return std::isfinite(x); }))
        throw Error(ErrorCode::kInternal, "the network returned a feature that is not finite");
      PictureResult& result = results_[image_results_[i]];
      result.code = std::move(embedding.code);
      result.feature = to_half(embedding.feature);
    }
  }

  const IngestShared& shared_;
  TaskResult results_;
  std::vector<std::vector<std::byte>> bytes_;  ///< of each picture's file; empty if not held
  std::vector<Image> images_;                  ///< waiting for the network
  std::vector<std::size_t> image_results_;     ///< which result each of them belongs to
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
