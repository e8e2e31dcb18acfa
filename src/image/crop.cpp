// SPDX-License-Identifier: MIT
#include <cstdint>
#include <cstring>
#include <string>

#include "image/image_builder.h"
#include "vitrine/error.h"
#include "vitrine/image.h"

namespace vitrine {
namespace {

struct Interval {
  int begin = 0;
  int end = 0;
};

/// `source` in units of a side that is `side_px` long instead of `source_side_px`: rounded outwards, so never
/// empty.
Interval to_decoded_scale(Interval source, int source_side_px, int side_px) {
  const std::int64_t begin = std::int64_t{source.begin} * side_px / source_side_px;
  const std::int64_t end = (std::int64_t{source.end} * side_px + source_side_px - 1) / source_side_px;
  return {static_cast<int>(begin), static_cast<int>(end)};
}

}  // namespace

Image crop(const Image& image, const BoxPx& box_px) {
  const BoxPx inside = box_px.clipped(image.source_width_px(), image.source_height_px());
  const Interval across = {inside.x0, inside.x1};
  const Interval down = {inside.y0, inside.y1};
  if (inside.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "cannot crop: no part of the box (" + std::to_string(box_px.x0) +
                                                 ", " + std::to_string(box_px.y0) + ")-(" +
                                                 std::to_string(box_px.x1) + ", " +
                                                 std::to_string(box_px.y1) + ") lies inside the picture of " +
                                                 std::to_string(image.source_width_px()) + " x " +
                                                 std::to_string(image.source_height_px()) + " pixels");
  }
  const Interval columns = to_decoded_scale(across, image.source_width_px(), image.width_px());
  const Interval rows = to_decoded_scale(down, image.source_height_px(), image.height_px());
  const int width_px = columns.end - columns.begin;
  const int height_px = rows.end - rows.begin;
  const std::size_t row_bytes = std::size_t{3} * static_cast<std::size_t>(width_px);
  const std::size_t image_row_bytes = std::size_t{3} * static_cast<std::size_t>(image.width_px());
  std::vector<std::uint8_t> pixels(row_bytes * static_cast<std::size_t>(height_px));
  const std::uint8_t* from = image.pixels().data() + image_row_bytes * static_cast<std::size_t>(rows.begin) +
                             std::size_t{3} * static_cast<std::size_t>(columns.begin);
  for (int y = 0; y < height_px; ++y) {
    std::memcpy(pixels.data() + row_bytes * static_cast<std::size_t>(y),
                from + image_row_bytes * static_cast<std::size_t>(y), row_bytes);
  }
  return ImageBuilder::build(width_px, height_px, std::move(pixels), across.end - across.begin,
                             down.end - down.begin);
}

}  // namespace vitrine
