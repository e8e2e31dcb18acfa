// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "training/detector_network.h"
#include "training/embedding_network.h"
#include "training/picture_pool.h"

namespace vitrine::training {

/// Fits to the final weights what is fitted last, rotation of the features and category head, and writes
/// `options.output`. `detector` may be null; `digest` says how the weights came about. Writes the categories
/// and the head's accuracy into `report`.
void finish_model(EmbeddingNetwork& network, const DetectorNetwork& detector, const PicturePool& pool,
                  const TrainingOptions& options, const TrainingCallbacks& callbacks,
                  const std::string& digest, TrainingReport& report);

/// Side of the input that the written model will have.
int inference_px(const TrainingOptions& options);

}  // namespace vitrine::training
