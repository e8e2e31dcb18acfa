// SPDX-License-Identifier: MIT
#pragma once
/// Pictures with a known box that nobody had to draw, to teach the detection branch: cut-out shop pictures
/// laid on parts of photos, held by a painted hand.
#include "network/detector.h"
#include "synthesis/cutout.h"
#include "training/random.h"
#include "vitrine/image.h"

namespace vitrine::training {

struct Scene {
  Image image;
  network::RelativeBox box;
};

/// What a scene is made of. Cut-outs must have a box.
struct SceneParts {
  const synthesis::Cutout& product;
  const synthesis::Cutout& bystander;  ///< a smaller thing that may stand behind the product
  const Image& background;             ///< a photo; only its edges are used
};

/// The product at a random place, size, angle and tilt on a random background, or sometimes on plain paper as
/// shops show it. The box holds what of the product lies inside the picture, painted over or not.
Scene compose_scene(const SceneParts& parts, int side_px, Random& random);

}  // namespace vitrine::training
