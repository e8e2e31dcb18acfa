// SPDX-License-Identifier: MIT
#include "training/click_box_batches.h"

#include <algorithm>
#include <utility>

#include "synthesis/homography.h"
#include "training/batches.h"
#include "training/distortion.h"
#include "training/random.h"

namespace vitrine::training {
namespace {

using network::RelativeBox;
using synthesis::Homography;

// A view loses at most this share of each side.
constexpr double kMaxLoss = 0.35;
constexpr std::uint64_t kViewStream = std::uint64_t{5} << 61;

RelativeBox random_part(Random& random) {
  const auto interval = [&] {
    const double length = uniform(random, 1 - kMaxLoss, 1);
    const double begin = uniform(random, 0, 1 - length);
    return std::pair{begin, begin + length};
  };
  const auto [x0, x1] = interval();
  const auto [y0, y1] = interval();
  return {x0, y0, x1, y1};
}

// The box as shares of the part, clipped to it.
RelativeBox seen_from(const RelativeBox& part, const RelativeBox& box) {
  const auto place = [](double value, double low, double high) {
    return std::clamp((value - low) / (high - low), 0.0, 1.0);
  };
  return {place(box.x0, part.x0, part.x1), place(box.y0, part.y0, part.y1), place(box.x1, part.x0, part.x1),
          place(box.y1, part.y0, part.y1)};
}

Image view_of(const Image& image, const RelativeBox& part, bool is_mirrored, int side_px) {
  const double width = (part.x1 - part.x0) * image.width_px();
  const double height = (part.y1 - part.y0) * image.height_px();
  const double left = (is_mirrored ? part.x1 : part.x0) * image.width_px();
  const auto view =
      Homography::translation(left, part.y0 * image.height_px())
          .after(Homography::scaling((is_mirrored ? -width : width) / side_px, height / side_px));
  return synthesis::warp(image, view, side_px, side_px);
}

}  // namespace

ClickBoxBatches::ClickBoxBatches(const PicturePool& pool, std::vector<ClickBox> found,
                                 const TrainingOptions& options)
    : pool_(pool), found_(std::move(found)), options_(options) {}

BoxBatch ClickBoxBatches::make(std::size_t batch_index) const {
  std::vector<Image> images;
  std::vector<float> boxes;
  for (std::size_t i = 0; i < options_.batch_size; ++i) {
    Random random = random_for(options_.seed, kViewStream, batch_index * options_.batch_size + i);
    const ClickBox& found = found_[random() % found_.size()];
    const RelativeBox part = random_part(random);
    const bool is_mirrored = chance(random, 0.5);
    RelativeBox box = seen_from(part, found.box);
    if (is_mirrored) box = {1 - box.x1, box.y0, 1 - box.x0, box.y1};
    Image view = view_of(pool_.pictures[found.picture].image, part, is_mirrored, options_.detector_px);
    spoil(view, random);
    images.push_back(std::move(view));
    for (const double edge : {box.x0, box.y0, box.x1, box.y1}) boxes.push_back(static_cast<float>(edge));
  }
  return {to_input(images), torch::tensor(boxes).view({-1, 4})};
}

}  // namespace vitrine::training
