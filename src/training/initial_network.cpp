// SPDX-License-Identifier: MIT
#include "training/initial_network.h"

#include "network/safetensors.h"
#include "training/feature_extraction.h"
#include "training/projection.h"

namespace vitrine::training {
namespace {

constexpr std::size_t kProjectionSamples = 4000;

}  // namespace

EmbeddingNetwork initial_network(const PicturePool& pool, const TrainingOptions& options,
                                 const TrainingCallbacks& callbacks) {
  EmbeddingNetwork network(static_cast<std::int64_t>(options.feature_dim));
  const auto file = network::SafetensorsFile::open(options.init);
  if (!load_weights(network, file)) {
    if (callbacks.on_message) callbacks.on_message("fitting the projection to the pretrained features");
    const auto samples = select_pictures(pool, kProjectionSamples, [](const PooledPicture& picture) {
      return picture.split == Split::kTrain;
    });
    fit_projection(network, extract_averages(network, pool, samples, options.input_px), options.whitening,
                   options.seed);
  }
  return network;
}

}  // namespace vitrine::training
