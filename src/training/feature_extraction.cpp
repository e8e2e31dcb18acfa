// SPDX-License-Identifier: MIT
#include "training/feature_extraction.h"

#include <algorithm>

#include "training/batches.h"

namespace vitrine::training {

namespace {

constexpr std::size_t kPlainBatch = 32;

Image resized_part(const PicturePool& pool, const PooledPicture& picture, int side_px, View view) {
  switch (view) {
    case View::kWhole:
      return resize(picture.image, side_px, side_px);
    case View::kCenter:
      return resize(central_part(picture, pool.center_view), side_px, side_px);
    case View::kDescribed:
      break;
  }
  return resize(described_part(picture, pool.margin), side_px, side_px);
}

}  // namespace

void for_each_plain_batch(const PicturePool& pool, const std::vector<std::size_t>& picture_indices,
                          int side_px, View view, const std::function<void(const torch::Tensor&)>& visit) {
  torch::NoGradGuard no_gradient;
  for (std::size_t begin = 0; begin < picture_indices.size(); begin += kPlainBatch) {
    const std::size_t end = std::min(picture_indices.size(), begin + kPlainBatch);
    std::vector<Image> images;
    for (std::size_t i = begin; i < end; ++i)
      images.push_back(resized_part(pool, pool.pictures[picture_indices[i]], side_px, view));
    visit(to_input(images));
  }
}

torch::Tensor extract_averages(EmbeddingNetwork& network, const PicturePool& pool,
                               const std::vector<std::size_t>& picture_indices, int side_px, View view) {
  std::vector<torch::Tensor> parts;
  for_each_plain_batch(pool, picture_indices, side_px, view, [&](const torch::Tensor& input) {
    parts.push_back(network->average(network->forward_blocks(input, 0, network->num_blocks())).cpu());
  });
  if (parts.empty()) return torch::empty({0, network->backbone().num_features});
  return torch::cat(parts);
}

torch::Tensor extract_features(EmbeddingNetwork& network, const PicturePool& pool,
                               const std::vector<std::size_t>& picture_indices, int side_px, View view) {
  torch::NoGradGuard no_gradient;
  return network->project(extract_averages(network, pool, picture_indices, side_px, view)).cpu();
}

std::vector<std::size_t> select_pictures(const PicturePool& pool, std::size_t limit,
                                         const std::function<bool(const PooledPicture&)>& predicate) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < pool.pictures.size(); ++i) {
    if (predicate(pool.pictures[i])) indices.push_back(i);
  }
  if (indices.size() <= limit) return indices;
  std::vector<std::size_t> spread;
  for (std::size_t i = 0; i < limit; ++i) spread.push_back(indices[i * indices.size() / limit]);
  return spread;
}

}  // namespace vitrine::training
