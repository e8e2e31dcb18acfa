// SPDX-License-Identifier: MIT
#include "vitrine/embedder.h"

#include <string>

#include "network/box_check.h"
#include "network/model_file.h"
#include "network/onednn_embedder.h"

namespace vitrine {

std::vector<Embedding> Embedder::embed_boxes(std::span<const Image> images,
                                             std::span<const BoxPx> boxes_px) const {
  network::check_boxes(images, boxes_px);
  std::vector<Image> parts;
  parts.reserve(images.size());
  for (std::size_t i = 0; i < images.size(); ++i) parts.push_back(crop(images[i], boxes_px[i]));
  return embed(parts);
}

std::vector<FoundBox> Embedder::find_boxes(const Image& /*image*/, const DetectionOptions& options) const {
  network::check(options);
  return {};
}

std::unique_ptr<Embedder> load_embedder(const std::filesystem::path& model, const EmbedderOptions& options) {
  return network::make_onednn_embedder(network::read_model(model), options.precision);
}

}  // namespace vitrine
