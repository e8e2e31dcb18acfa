// SPDX-License-Identifier: MIT
#include "training/batches.h"

#include <algorithm>
#include <utility>

#include "training/augmentation.h"

namespace vitrine::training {
namespace {

// Streams of random numbers that must not coincide with those of single pictures.
constexpr std::uint64_t kShuffleStream = ~std::uint64_t{0};
constexpr std::uint64_t kPatchworkStream = kShuffleStream - 1;

std::vector<std::size_t> shuffled_order(const PicturePool& pool, const TrainingOptions& options,
                                        std::uint64_t epoch) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < pool.pictures.size(); ++i) {
    const PooledPicture& picture = pool.pictures[i];
    if (picture.split != Split::kTrain) continue;
    const int repeats = picture.shop_picture ? options.shop_picture_repeats : 1;
    order.insert(order.end(), static_cast<std::size_t>(repeats), i);
  }
  Random random = random_for(options.seed, epoch, kShuffleStream);
  // std::shuffle's result differs between standard libraries; this does not.
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  return order;
}

}  // namespace

torch::Tensor to_input(std::span<const Image> images) {
  const int side = images.front().width_px();
  const auto count = static_cast<std::int64_t>(images.size());
  torch::Tensor bytes = torch::empty({count, side, side, 3}, torch::kUInt8);
  auto* out = bytes.data_ptr<std::uint8_t>();
  for (const Image& image : images) out = std::copy(image.pixels().begin(), image.pixels().end(), out);
  // The permuted view of rows of RGB is what LibTorch calls channels last.
  return bytes.to(torch::kFloat32).div_(127.5).sub_(1.0).permute({0, 3, 1, 2});
}

EpochBatches::EpochBatches(const PicturePool& pool, const TrainingOptions& options, std::uint64_t epoch)
    : pool_(pool), options_(options), epoch_(epoch), order_(shuffled_order(pool, options, epoch)) {
  for (std::size_t i = 0; i < pool.pictures.size(); ++i) {
    if (pool.pictures[i].split == Split::kTrain && !pool.pictures[i].shop_picture) sources_.push_back(i);
  }
  num_batches_ = order_.size() / options.batch_size;
  batches_.emplace(num_batches_, [this](std::size_t i) { return make(i); });
}

Batch EpochBatches::make(std::size_t batch_index) const {
  std::vector<Image> images;
  std::vector<std::int64_t> products;
  std::vector<std::int64_t> categories;
  for (std::size_t i = 0; i < options_.batch_size; ++i) {
    const std::size_t position = batch_index * options_.batch_size + i;
    const PooledPicture& picture = pool_.pictures[order_[position]];
    Random random = random_for(options_.seed, epoch_, position);
    if (picture.shop_picture && !sources_.empty()) {
      const Image& background = pool_.pictures[sources_[random() % sources_.size()]].image;
      images.push_back(augment_shop_picture(picture, background, pool_.margin, options_.input_px, random));
    } else {
      images.push_back(augment_photo(picture, pool_.margin, options_.input_px, random));
    }
    products.push_back(picture.product_index);
    categories.push_back(picture.category_index);
  }
  const auto num_patchworks =
      static_cast<std::size_t>(options_.patchwork_share * static_cast<double>(images.size()));
  for (std::size_t i = 0; i < num_patchworks; ++i) {
    Random random =
        random_for(options_.seed, epoch_, kPatchworkStream - batch_index * options_.batch_size - i);
    std::vector<const Image*> parts;
    for (int j = 0; j < 4; ++j) parts.push_back(&pool_.pictures[order_[random() % order_.size()]].image);
    images.push_back(patchwork(parts, options_.input_px, random));
  }
  return {to_input(images), torch::tensor(products, torch::kInt64), torch::tensor(categories, torch::kInt64)};
}

}  // namespace vitrine::training
