// SPDX-License-Identifier: MIT
#pragma once
#include "training/augmentation.h"

namespace vitrine::training {

/// A picture of shapes that cover each other like leaves on the ground, with sizes drawn by a power law and
/// shaded or striped colours: the statistics of edges and sizes are those of photos, with no subject
/// (Baradad et al., Learning to See by Looking at Noise, NeurIPS 2021).
Image dead_leaves(int side_px, Random& random);

}  // namespace vitrine::training
