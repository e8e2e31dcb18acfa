// SPDX-License-Identifier: MIT
#pragma once
#include "training/embedding_network.h"
#include "training/picture_pool.h"

namespace vitrine::training {

struct BoxScoreChoice {
  double min_box_score = 0;  ///< see ModelInfo
  double recall = 0;  ///< with it: mean Identical Recall@1 among shop pictures and among training photos
  double recall_with_all_boxes = 0;
};

/// The score below which a picture is better described whole than by its box: the lowest that gives the most
/// recall on the validation photos, or 0 unless that is half a point more than all boxes give. On heaps of
/// fruit the branch picks one at random, or a price label, and knows that it is guessing. 0 if there is
/// nothing to ask.
BoxScoreChoice choose_min_box_score(EmbeddingNetwork& network, const PicturePool& pool, int side_px);

}  // namespace vitrine::training
