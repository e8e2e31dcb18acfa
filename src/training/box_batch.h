// SPDX-License-Identifier: MIT
#pragma once
#include "training/torch.h"

namespace vitrine::training {

/// Pictures and the boxes that the detection branch shall find in them.
struct BoxBatch {
  torch::Tensor images;  ///< `[n, 3, s, s]` as DetectorNetwork takes them
  torch::Tensor boxes;   ///< `[n, 4]` (x0, y0, x1, y1) as shares of the picture's sides
};

}  // namespace vitrine::training
