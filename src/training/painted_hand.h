// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstdint>

#include "training/random.h"
#include "vitrine/box.h"
#include "vitrine/image.h"

namespace vitrine::training {

/// What one hand looks like in one light.
struct Skin {
  std::array<std::uint8_t, 3> colour{};
  double light_x = 0;  ///< where the light comes from, and how much of it
  double light_y = 0;
  std::array<double, 4> wave_x{}, wave_y{}, phase{};  ///< of unevenness
};

/// A hand that holds what lies in a box, painted for want of photos of hands: people hold products into the
/// camera, and a branch that never saw it takes the hand for a part of the product. The sizes of its parts
/// follow from the finger's, and that from the product's. `random` must outlive it.
class PaintedHand {
 public:
  PaintedHand(int side_px, const BoxPx& box, Random& random);

  /// The arm, the palm and fingers that reach around the product, their tips perhaps beyond it: to be
  /// called before the product is laid on the picture.
  void draw_behind(Image& image);

  /// Thumb and fingers in front of it.
  void draw_before(Image& image);

 private:
  struct Point {
    double x = 0;
    double y = 0;
  };
  static Point between(Point a, Point b, double share);
  Point around(double reach);
  void draw_limb(Image& image, Point from, Point to, double radius) const;

  Random& random_;
  Skin skin_;
  BoxPx box_;
  Point center_;
  Point wrist_;  ///< where the arm enters the picture
  Point palm_;
  double finger_ = 0;  ///< its radius, in pixels
};

}  // namespace vitrine::training
