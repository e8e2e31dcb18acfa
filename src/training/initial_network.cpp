// SPDX-License-Identifier: MIT
#include "training/initial_network.h"

#include "network/backbone.h"
#include "network/safetensors.h"
#include "training/detector_network.h"
#include "training/feature_extraction.h"
#include "training/projection.h"
#include "vitrine/error.h"

namespace vitrine::training {
namespace {

constexpr std::size_t kProjectionSamples = 4000;

[[noreturn]] void refuse(const TrainingOptions& options, const std::string& finding) {
  throw Error(ErrorCode::kInvalidArgument, "cannot train from '" + options.init.string() + "': " + finding);
}

}  // namespace

void check_init(const TrainingOptions& options) {
  const auto file = network::SafetensorsFile::open(options.init);
  const network::Backbone& backbone = network::backbone_of(file);
  if (options.frozen_blocks > static_cast<int>(backbone.blocks.size())) {
    refuse(options, "frozen_blocks is " + std::to_string(options.frozen_blocks) + ", but its " +
                        backbone.architecture + " has " + std::to_string(backbone.blocks.size()) + " blocks");
  }
  if (options.feature_dim > static_cast<std::size_t>(backbone.num_features)) {
    refuse(options, "feature_dim is " + std::to_string(options.feature_dim) + ", but its " +
                        backbone.architecture + " tells " + std::to_string(backbone.num_features) +
                        " things about a picture; ask for fewer");
  }
  if (options.detector != DetectorKind::kNone && !can_start_from(file)) {
    refuse(options, "the detection branch starts from the first blocks of " +
                        network::mobilenet_v2().architecture +
                        " or from a model that has one; leave the detector out, or take one of these");
  }
}

EmbeddingNetwork initial_network(const PicturePool& pool, const TrainingOptions& options,
                                 torch::Device device, const TrainingCallbacks& callbacks) {
  const auto file = network::SafetensorsFile::open(options.init);
  EmbeddingNetwork network(static_cast<std::int64_t>(options.feature_dim), network::backbone_of(file));
  const bool has_projection = load_weights(network, file);
  network->move_to(device);
  if (!has_projection) {
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
