// SPDX-License-Identifier: MIT
#pragma once
/// The single changes that augmentation is made of. Pictures keep their size.
#include "synthesis/homography.h"
#include "training/random.h"
#include "vitrine/image.h"

namespace vitrine::training {

/// A part of a picture, in its pixels.
struct Patch {
  double center_x;
  double center_y;
  double width;
  double height;
};

/// Maps a square of side_px to the patch, turned and tilted at random: seldom by any angle, mostly a little.
synthesis::Homography tilted_view(const Patch& patch, int side_px, Random& random);

/// Maps a square of side_px to a random part of a picture: at least `min_area` of its pixels, turned,
/// stretched and tilted.
synthesis::Homography random_view(int width_px, int height_px, int side_px, double min_area, Random& random);

/// Brightness, contrast, gamma, saturation and white balance.
void change_light(Image& image, Random& random);

/// Swaps and inverts colour channels: products that nobody has ever sold.
void change_colours(Image& image, Random& random);

/// What a hurried hand and a bad lens do: light, sometimes blur, sometimes a covered part. Needs a square.
void spoil(Image& image, Random& random);

}  // namespace vitrine::training
