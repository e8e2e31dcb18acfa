// SPDX-License-Identifier: MIT
#pragma once
#include <span>

#include "training/picture_pool.h"
#include "training/random.h"

namespace vitrine::training {

/// How boxes are looked at while learning.
struct BoxViews {
  double margin = 0;            ///< around boxes: see network::with_margin
  double near_box_share = 0.9;  ///< see TrainingOptions; 0: as if there were no boxes
};

/// A photo as another hand, lens and light might have taken it: turn, tilt, light, colour, blur, occlusion.
/// Of a photo with a box, in `near_box_share` of all cases, what an inexact detection would cut out, else a
/// random part.
Image augment_photo(const PooledPicture& photo, const BoxViews& views, int side_px, Random& random);

/// A shop picture as a photo might show it: usually laid on a part of `background`, sometimes left on white.
Image augment_shop_picture(const PooledPicture& picture, const Image& background, const BoxViews& views,
                           int side_px, Random& random);

/// A patchwork of two to four parts of `sources`, in changed colours: a picture of nothing in particular, on
/// which the network is held to what the initial network says. Needs at least one source.
Image patchwork(std::span<const Image* const> sources, int side_px, Random& random);

}  // namespace vitrine::training
