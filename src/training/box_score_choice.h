// SPDX-License-Identifier: MIT
#pragma once
#include "training/embedding_network.h"
#include "training/picture_pool.h"

namespace vitrine::training {

struct BoxScoreChoice {
  double min_box_score = 0;  ///< see ModelInfo
  double recall = 0;  ///< with it: mean Identical Recall@1 among shop pictures and among training photos
  double recall_with_all_boxes = 0;
  double recall_without_boxes = 0;
};

/// The score below which a picture is described without its box: the lowest whose recall on the validation
/// photos is within one standard error of the best (Breiman et al., "Classification and Regression Trees",
/// 1984: of what cannot be told apart, the rule takes the most detection, since validation photos may be
/// close-ups and queries need not). On heaps of fruit the branch picks one at random, or a price label, and
/// knows that it is guessing. Pictures are looked at as by the finished model, with PicturePool::center_view.
/// 0 if there is nothing to ask.
BoxScoreChoice choose_min_box_score(EmbeddingNetwork& network, const PicturePool& pool, int side_px);

}  // namespace vitrine::training
