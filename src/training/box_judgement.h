// SPDX-License-Identifier: MIT
#pragma once
#include "training/picture_pool.h"

namespace vitrine::training {

/// How the boxes that pictures have compare with the true ones; NaN where there is nothing to compare.
struct BoxJudgement {
  double overlap = 0;  ///< mean IoU
  double hits = 0;     ///< share with IoU above 0.5
  double area = 0;     ///< mean area of the boxes in photos, as a share
};
BoxJudgement judge_boxes(const PicturePool& pool);

}  // namespace vitrine::training
