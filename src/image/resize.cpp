// SPDX-License-Identifier: MIT
/// Two passes for each target row: the source rows under it are added up column by column, then that one row
/// is shrunk sideways. The row between the passes stays in the first-level cache, and both inner loops are of
/// the kind that compilers turn into vector code.
#include <cstdint>
#include <cstring>
#include <string>

#include "image/image_builder.h"
#include "image/resize_weights.h"
#include "vitrine/error.h"
#include "vitrine/image.h"

namespace vitrine {
namespace {

// The sideways pass loads and stores four floats at a time, of which three are a pixel.
constexpr std::size_t kLanes = 4;
using Lanes [[gnu::vector_size(kLanes * sizeof(float))]] = float;
constexpr std::size_t kChannels = 3;
constexpr std::size_t kCubicWeights = 4;

/// sum[i] = or += a sum over four rows; fewer rows are filled up with weights 0.
template <bool kFirst>
[[gnu::always_inline]] inline void add_rows(const std::uint8_t* const* rows, const float* weights, float* sum,
                                            std::size_t size) {
  const std::uint8_t* row0 = rows[0];
  const std::uint8_t* row1 = rows[1];
  const std::uint8_t* row2 = rows[2];
  const std::uint8_t* row3 = rows[3];
  const float weight0 = weights[0];
  const float weight1 = weights[1];
  const float weight2 = weights[2];
  const float weight3 = weights[3];
  for (std::size_t i = 0; i < size; ++i) {
    const float part = weight0 * row0[i] + weight1 * row1[i] + weight2 * row2[i] + weight3 * row3[i];
    sum[i] = kFirst ? part : sum[i] + part;
  }
}

[[gnu::always_inline]] inline void mix_rows(const std::uint8_t* first_row, std::size_t row_bytes,
                                            std::span<const float> weights, float* sum) {
  for (std::size_t begin = 0; begin < weights.size(); begin += kLanes) {
    const std::uint8_t* rows[kLanes];
    float part[kLanes];
    for (std::size_t i = 0; i < kLanes; ++i) {
      const bool exists = begin + i < weights.size();
      rows[i] = first_row + row_bytes * (exists ? begin + i : begin);
      part[i] = exists ? weights[begin + i] : 0.0F;
    }
    if (begin == 0) {
      add_rows<true>(rows, part, sum, row_bytes);
    } else {
      add_rows<false>(rows, part, sum, row_bytes);
    }
  }
}

[[gnu::always_inline]] inline Lanes lanes_at(const float* pixel) {
  Lanes lanes;
  std::memcpy(&lanes, pixel, sizeof lanes);
  return lanes;
}

/// `row` and `mixed` need room for one float behind their last pixel.
[[gnu::always_inline]] inline void mix_columns(const float* row, const image::ResizeWeights& across,
                                               std::size_t width, float* mixed) {
  for (std::size_t x = 0; x < width; ++x) {
    const float* pixel = row + kChannels * across.first(x);
    const std::span<const float> weights = across.weights(x);
    Lanes sum;
    if (weights.size() == kCubicWeights) {  // when enlarging, all but the border: worth a loop that is none
      sum = (weights[0] * lanes_at(pixel) + weights[1] * lanes_at(pixel + kChannels)) +
            (weights[2] * lanes_at(pixel + 2 * kChannels) + weights[3] * lanes_at(pixel + 3 * kChannels));
    } else {
      sum = Lanes{};
      for (const float weight : weights) {
        sum += weight * lanes_at(pixel);
        pixel += kChannels;
      }
    }
    std::memcpy(mixed + kChannels * x, &sum, sizeof sum);
  }
}

[[gnu::always_inline]] inline void round_row(const float* row, std::size_t size, std::uint8_t* to) {
  // Negative weights reach beyond black and white at sharp edges. Clamped as integers, which vectorises.
  for (std::size_t i = 0; i < size; ++i) {
    // NOLINTNEXTLINE(bugprone-incorrect-roundings): below zero it does not matter, and lround is a call
    const int value = static_cast<int>(row[i] + 0.5F);
    const int above_black = value < 0 ? 0 : value;
    to[i] = static_cast<std::uint8_t>(above_black > 255 ? 255 : above_black);
  }
}

/// Pictures and filters of one call; `row` and `mixed` are working memory for a row before and after it is
/// shrunk.
struct ResizeJob {
  const std::uint8_t* from;
  std::size_t from_bytes;  // in a row
  const image::ResizeWeights& across;
  const image::ResizeWeights& down;
  std::size_t width;  // of the target
  std::size_t height;
  float* row;
  float* mixed;
  std::uint8_t* to;
};

[[gnu::always_inline]] inline void resize_rows(const ResizeJob& job) {
  const std::size_t to_bytes = kChannels * job.width;
  for (std::size_t y = 0; y < job.height; ++y) {
    mix_rows(job.from + job.from_bytes * job.down.first(y), job.from_bytes, job.down.weights(y), job.row);
    mix_columns(job.row, job.across, job.width, job.mixed);
    round_row(job.mixed, to_bytes, job.to + to_bytes * y);
  }
}

void resize_rows_anywhere(const ResizeJob& job) {
  resize_rows(job);
}

// The same operations, eight at a time. Without fused multiply-adds, so that pixels are the same everywhere.
#if defined(__x86_64__)
[[gnu::target("avx2")]] void resize_rows_avx2(const ResizeJob& job) {
  resize_rows(job);
}
#endif

void run(const ResizeJob& job) {
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return resize_rows_avx2(job);
#endif
  resize_rows_anywhere(job);
}

void check_arguments(const Image& image, int width_px, int height_px) {
  if (image.empty()) throw Error(ErrorCode::kInvalidArgument, "cannot resize an empty picture");
  if (width_px <= 0 || height_px <= 0) {
    throw Error(ErrorCode::kInvalidArgument, "cannot resize a picture to " + std::to_string(width_px) +
                                                 " x " + std::to_string(height_px) +
                                                 " pixels: both must be positive");
  }
}

}  // namespace

Image resize(const Image& image, int width_px, int height_px) {
  check_arguments(image, width_px, height_px);
  if (width_px == image.width_px() && height_px == image.height_px()) return image;
  const image::ResizeWeights across(image.width_px(), width_px);
  const image::ResizeWeights down(image.height_px(), height_px);
  const auto width = static_cast<std::size_t>(width_px);
  const auto height = static_cast<std::size_t>(height_px);
  const std::size_t from_bytes = kChannels * static_cast<std::size_t>(image.width_px());
  const std::size_t to_bytes = kChannels * width;
  std::vector<float> row(from_bytes + 1);
  std::vector<float> mixed(to_bytes + 1);
  std::vector<std::uint8_t> pixels(to_bytes * height);
  run({image.pixels().data(), from_bytes, across, down, width, height, row.data(), mixed.data(),
       pixels.data()});
  return ImageBuilder::build(width_px, height_px, std::move(pixels), image.source_width_px(),
                             image.source_height_px());
}

}  // namespace vitrine
