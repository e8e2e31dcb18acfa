// SPDX-License-Identifier: MIT
#pragma once
/// Whether two files show one picture. Features cannot tell: a network trained to know a product again says
/// the same of two photos of it. So the pictures themselves are laid over each other, small and grey.
#include <array>
#include <cstddef>
#include <optional>

#include "vitrine/image.h"

namespace vitrine::inventory {

/// A picture as it is compared: small, grey, of mean 0 and norm 1; whole and with its margins cut by some per
/// cent, because shops crop.
class PictureLook {
 public:
  /// Nothing for a picture of one colour, which is like every other one.
  static std::optional<PictureLook> of(const Image& image);

  /// The largest correlation of one picture whole and the other one whole or cut, -1 to 1; -1 if their shapes
  /// are too different.
  double correlation(const PictureLook& other) const;

 private:
  static constexpr int kSidePx = 24;
  static constexpr std::array<double, 5> kMargins = {0, 0.02, 0.04, 0.06, 0.08};
  using Plane = std::array<float, std::size_t{kSidePx} * kSidePx>;

  double best_of(const PictureLook& cut) const;

  double aspect_ = 1;
  std::array<Plane, kMargins.size()> planes_;
};

}  // namespace vitrine::inventory
