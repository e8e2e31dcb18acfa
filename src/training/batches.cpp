// SPDX-License-Identifier: MIT
#include "training/batches.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "training/augmentation.h"

namespace vitrine::training {
namespace {

// Streams of random numbers that must not coincide with those of single pictures.
constexpr std::uint64_t kShuffleStream = ~std::uint64_t{0};
constexpr std::uint64_t kPatchworkStream = kShuffleStream - 1;
constexpr std::uint64_t kCategoryStream = kShuffleStream / 2;

std::vector<std::size_t> shuffled(std::vector<std::size_t> things, Random random) {
  // std::shuffle's result differs between standard libraries; this does not.
  for (std::size_t i = things.size(); i > 1; --i) std::swap(things[i - 1], things[random() % i]);
  return things;
}

}  // namespace

Batch on_device(const Batch& batch, torch::Device device) {
  Batch result{batch.images.to(device), batch.products.to(device), batch.categories.to(device), {}};
  if (batch.triplets) {
    const TripletRows& rows = *batch.triplets;
    result.triplets =
        TripletRows{rows.queries.to(device), rows.positives.to(device), rows.negatives.to(device),
                    rows.compared.to(device), rows.weights.to(device)};
  }
  return result;
}

torch::Tensor to_input(std::span<const Image> images) {
  const int side = images.front().width_px();
  const auto count = static_cast<std::int64_t>(images.size());
  torch::Tensor bytes = torch::empty({count, side, side, 3}, torch::kUInt8);
  auto* out = bytes.data_ptr<std::uint8_t>();
  for (const Image& image : images) out = std::copy(image.pixels().begin(), image.pixels().end(), out);
  // The permuted view of rows of RGB is what LibTorch calls channels last.
  return bytes.to(torch::kFloat32).div_(127.5).sub_(1.0).permute({0, 3, 1, 2});
}

std::vector<std::size_t> shuffled(std::vector<std::size_t> things, std::uint64_t seed, std::uint64_t epoch) {
  return shuffled(std::move(things), random_for(seed, epoch, kShuffleStream));
}

std::vector<BatchPlan> plan_labelled(const PicturePool& pool, const TrainingOptions& options,
                                     std::uint64_t epoch) {
  std::vector<std::size_t> order;
  std::vector<std::size_t> without_product;
  for (std::size_t i = 0; i < pool.pictures.size(); ++i) {
    const PooledPicture& picture = pool.pictures[i];
    if (picture.split != Split::kTrain) continue;
    if (picture.product_index < 0 && options.category_only_share < 1) {
      without_product.push_back(i);
      continue;
    }
    const int repeats = picture.shop_picture ? options.shop_picture_repeats : 1;
    order.insert(order.end(), static_cast<std::size_t>(repeats), i);
  }
  const auto num_shown = static_cast<std::ptrdiff_t>(
      std::llround(options.category_only_share * static_cast<double>(without_product.size())));
  without_product = shuffled(std::move(without_product), random_for(options.seed, epoch, kCategoryStream));
  order.insert(order.end(), without_product.begin(), without_product.begin() + num_shown);
  order = shuffled(std::move(order), options.seed, epoch);
  std::vector<BatchPlan> plan(order.size() / options.batch_size);
  for (std::size_t i = 0; i < plan.size() * options.batch_size; ++i)
    plan[i / options.batch_size].picture_indices.push_back(order[i]);
  return plan;
}

EpochBatches::EpochBatches(const PicturePool& pool, const TrainingOptions& options, std::uint64_t epoch,
                           std::vector<BatchPlan> plan)
    : pool_(pool), options_(options), epoch_(epoch), plan_(std::move(plan)), first_positions_{0} {
  for (std::size_t i = 0; i < pool.pictures.size(); ++i) {
    if (pool.pictures[i].split == Split::kTrain && !pool.pictures[i].shop_picture) sources_.push_back(i);
  }
  for (const BatchPlan& batch : plan_) {
    shown_.insert(shown_.end(), batch.picture_indices.begin(), batch.picture_indices.end());
    first_positions_.push_back(shown_.size());
  }
  batches_.emplace(plan_.size(), [this](std::size_t i) { return make(i); });
}

Image EpochBatches::augmented(std::size_t picture_index, std::size_t position) const {
  const PooledPicture& picture = pool_.pictures[picture_index];
  Random random = random_for(options_.seed, epoch_, position);
  const BoxViews views{pool_.margin, options_.near_box_share};
  if (!picture.shop_picture || sources_.empty())
    return augment_photo(picture, views, options_.input_px, random);
  const Image& background = pool_.pictures[sources_[random() % sources_.size()]].image;
  return augment_shop_picture(picture, background, views, options_.input_px, random);
}

Batch EpochBatches::make(std::size_t batch_index) const {
  const BatchPlan& plan = plan_[batch_index];
  const std::size_t first = first_positions_[batch_index];
  std::vector<Image> images;
  std::vector<std::int64_t> products;
  std::vector<std::int64_t> categories;
  for (const std::size_t picture_index : plan.picture_indices) {
    images.push_back(augmented(picture_index, first + images.size()));
    products.push_back(pool_.pictures[picture_index].product_index);
    categories.push_back(pool_.pictures[picture_index].category_index);
  }
  const auto num_patchworks =
      static_cast<std::size_t>(options_.patchwork_share * static_cast<double>(images.size()));
  for (std::size_t i = 0; i < num_patchworks; ++i) {
    Random random = random_for(options_.seed, epoch_, kPatchworkStream - first - i);
    std::vector<const Image*> parts;
    for (int j = 0; j < 4; ++j) parts.push_back(&pool_.pictures[shown_[random() % shown_.size()]].image);
    images.push_back(patchwork(parts, options_.input_px, random));
  }
  return {to_input(images), torch::tensor(products, torch::kInt64), torch::tensor(categories, torch::kInt64),
          plan.triplets};
}

}  // namespace vitrine::training
