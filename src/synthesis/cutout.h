// SPDX-License-Identifier: MIT
#pragma once
/// Shop pictures show a product on white. Cut out, it can be laid on another picture: training data and test
/// queries with an exact box that nobody had to draw.
#include "synthesis/homography.h"
#include "vitrine/box.h"
#include "vitrine/image.h"

namespace vitrine::synthesis {

/// A picture and how much of each pixel belongs to the product (0 to 255).
struct Cutout {
  Image image;
  Plane alpha;
  BoxPx tight_box_px;  ///< the smallest box around all pixels with alpha of at least one half; may be empty
};

/// Takes everything for background that is near white and connected with the border.
Cutout cut_out_from_white(Image image);

/// Takes the rim of `radius_px` pixels away, which usually carries some of the white behind it, and lets the
/// new edge fade.
void soften_edge(Cutout& cutout, int radius_px);

/// Lays the cut-out on `background`; `to_cutout` maps background pixels to cut-out pixels. Returns the
/// smallest box around the pixels that changed by at least half, empty if none did.
BoxPx paste(const Cutout& cutout, const Homography& to_cutout, Image& background);

}  // namespace vitrine::synthesis
