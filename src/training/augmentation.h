// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <random>
#include <span>

#include "training/picture_pool.h"

namespace vitrine::training {

using Random = std::mt19937_64;

/// The generator of one picture in one epoch: independent of threads, batches and of what was drawn before.
Random random_for(std::uint64_t seed, std::uint64_t epoch, std::uint64_t position);

/// A photo as another hand, lens and light might have taken it: crop, turn, tilt, light, colour, blur,
/// occlusion.
Image augment_photo(const Image& photo, int side_px, Random& random);

/// A shop picture as a photo might show it: usually laid on a part of `background`, sometimes left on white.
Image augment_shop_picture(const PooledPicture& picture, const Image& background, int side_px,
                           Random& random);

/// A patchwork of two to four parts of `sources`, in changed colours: a picture of nothing in particular, on
/// which the network is held to what the initial network says. Needs at least one source.
Image patchwork(std::span<const Image* const> sources, int side_px, Random& random);

}  // namespace vitrine::training
