// SPDX-License-Identifier: MIT
#include "engine/picture_task.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <span>
#include <utility>

#include "vitrine/error.h"
#include "vitrine/image.h"

namespace vitrine::engine {
namespace {

using State = TaskPicture::State;

/// Most file bytes that a task keeps between hashing and decoding, and most pixel bytes that wait for the
/// network. Larger pictures are read a second time and embedded in smaller batches.
constexpr std::size_t kMaxHeldBytes = std::size_t{64} << 20;

/// No format needs more: 16-bit RGBA without compression, and a generous header.
std::uint64_t max_file_bytes(std::uint64_t max_pixels) {
  constexpr std::uint64_t kHeaderBytes = std::uint64_t{16} << 20;
  constexpr std::uint64_t kBytesPerPixel = 8;
  return std::min(max_pixels, (UINT64_MAX - kHeaderBytes) / kBytesPerPixel) * kBytesPerPixel + kHeaderBytes;
}

/// Runs a step of one picture; what is wrong with that picture must not end the run.
template <typename Step>
void attempt(TaskPicture& picture, State state_if_failed, const Step& step) {
  try {
    step();
  } catch (const Error& error) {
    picture.state = state_if_failed;
    picture.failure = error.what();
  } catch (const std::bad_alloc&) {
    picture.state = state_if_failed;
    picture.failure = "not enough memory for this picture";
  }
}

}  // namespace

PictureTask::PictureTask(const PictureSettings& settings, const std::vector<const std::string*>& paths)
    : settings_(settings), pictures_(paths.size()), bytes_(paths.size()) {
  for (std::size_t i = 0; i < paths.size(); ++i) pictures_[i].path = paths[i];
}

void PictureTask::read() {
  std::size_t num_held_bytes = 0;
  for (std::size_t i = 0; i < pictures_.size() && !settings_.stopped(); ++i) {
    TaskPicture& picture = pictures_[i];
    attempt(picture, State::kUnreadable, [&] {
      FileContent content = read_file(*picture.path, max_file_bytes(settings_.max_pixels));
      picture.facts = content.facts;
      picture.hash = content_hash(content.bytes);
      picture.state = State::kRead;
      num_held_bytes += content.bytes.size();
      if (num_held_bytes <= kMaxHeldBytes) bytes_[i] = std::move(content.bytes);
    });
  }
}

void PictureTask::embed(const std::function<bool(std::size_t)>& wanted) {
  std::size_t num_pixel_bytes = 0;
  for (std::size_t i = 0; i < pictures_.size() && !settings_.stopped(); ++i) {
    if (pictures_[i].state != State::kRead || !wanted(i)) continue;
    attempt(pictures_[i], State::kBadContent, [&] { decode(i); });
    bytes_[i] = {};
    if (pictures_[i].state != State::kRead) continue;
    num_pixel_bytes += images_.back().pixels().size();
    if (images_.size() < settings_.batch_size && num_pixel_bytes < kMaxHeldBytes) continue;
    embed_waiting();
    num_pixel_bytes = 0;
  }
  embed_waiting();
}

void PictureTask::decode(std::size_t i) {
  TaskPicture& picture = pictures_[i];
  if (bytes_[i].empty() && picture.facts.size_bytes > 0) {
    FileContent content = read_file(*picture.path, max_file_bytes(settings_.max_pixels));
    if (content_hash(content.bytes) != picture.hash)
      throw Error(ErrorCode::kIo, "'" + *picture.path + "' changed while it was read; run again");
    bytes_[i] = std::move(content.bytes);
  }
  // What is cut out must keep all its pixels.
  const int min_side_px = settings_.box_px ? 0 : settings_.embedder.info().min_decode_px();
  images_.push_back(Image::decode(bytes_[i], {settings_.max_pixels, min_side_px}, *picture.path));
  image_pictures_.push_back(i);
  picture.width_px = images_.back().source_width_px();
  picture.height_px = images_.back().source_height_px();
}

void PictureTask::embed_waiting() {
  if (images_.empty()) return;
  try {
    embed_range(0, images_.size());
  } catch (const Error&) {
    // The error does not say which picture it is about.
    for (std::size_t i = 0; i < images_.size(); ++i)
      attempt(pictures_[image_pictures_[i]], State::kBadContent, [&] { embed_range(i, i + 1); });
  }
  images_.clear();
  image_pictures_.clear();
}

void PictureTask::embed_range(std::size_t begin, std::size_t end) {
  const auto images = std::span(images_).subspan(begin, end - begin);
  std::vector<Embedding> embeddings =
      settings_.box_px
          ? settings_.embedder.embed_boxes(images, std::vector<BoxPx>(images.size(), *settings_.box_px))
          : settings_.embedder.embed(images);
  if (embeddings.size() != images.size())
    throw Error(ErrorCode::kInternal, "the embedder returned " + std::to_string(embeddings.size()) +
                                          " embeddings for " + std::to_string(images.size()) + " pictures");
  for (std::size_t i = begin; i < end; ++i) {
    Embedding& embedding = embeddings[i - begin];
    if (!std::all_of(embedding.feature.begin(), embedding.feature.end(),
                     [](float x) { return std::isfinite(x); }))
      throw Error(ErrorCode::kInternal, "the network returned a feature that is not finite");
    TaskPicture& picture = pictures_[image_pictures_[i]];
    picture.embedding = std::move(embedding);
    picture.state = State::kEmbedded;
  }
}

}  // namespace vitrine::engine
