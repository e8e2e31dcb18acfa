// SPDX-License-Identifier: MIT
#include "training/augmentation.h"

#include <array>
#include <set>

#include "network/random_model.h"
#include "training/batches.h"
#include "training/torch_with_catch.h"

using namespace vitrine;
using namespace vitrine::training;

namespace {

std::vector<std::uint8_t> bytes(const Image& image) {
  return {image.pixels().begin(), image.pixels().end()};
}

PicturePool pool_of(std::size_t count) {
  PicturePool pool;
  pool.products = {"a", "b"};
  for (std::size_t i = 0; i < count; ++i) {
    PooledPicture picture;
    picture.image = test::random_picture(40, 48, static_cast<unsigned>(i));
    picture.product_index = static_cast<std::int64_t>(i % 2);
    pool.pictures.push_back(std::move(picture));
  }
  return pool;
}

}  // namespace

TEST_CASE("equal seeds augment equally, others differently") {
  PooledPicture photo;
  photo.image = test::random_picture(50, 40, 1);
  const bool boxed = GENERATE(false, true);
  if (boxed) photo.box = network::RelativeBox{0.2, 0.3, 0.7, 0.9};
  std::set<std::vector<std::uint8_t>> seen;
  for (std::uint64_t position = 0; position < 20; ++position) {
    Random once = random_for(1, 2, position);
    Random again = random_for(1, 2, position);
    const Image first = augment_photo(photo, {.margin = 0.1}, 32, once);
    CHECK(first.width_px() == 32);
    CHECK(first.height_px() == 32);
    CHECK(bytes(first) == bytes(augment_photo(photo, {.margin = 0.1}, 32, again)));
    seen.insert(bytes(first));
  }
  CHECK(seen.size() == 20);
}

TEST_CASE("the views of a photo show its box as often as asked") {
  PooledPicture photo;
  std::vector<std::uint8_t> pixels(100 * 100 * 3);
  for (std::size_t y = 10; y < 30; ++y) {
    for (std::size_t x = 10; x < 30; ++x) pixels[(y * 100 + x) * 3 + 1] = 255;
  }
  photo.image = Image(100, 100, std::move(pixels));
  photo.box = network::RelativeBox{0.1, 0.1, 0.3, 0.3};
  const auto mean_green = [&](double near_box_share) {
    double sum = 0;
    for (std::uint64_t position = 0; position < 40; ++position) {
      Random random = random_for(1, 2, position);
      const Image view = augment_photo(photo, {.margin = 0.1, .near_box_share = near_box_share}, 32, random);
      for (std::size_t i = 0; i < view.pixels().size(); i += 3)
        sum += view.pixels()[i + 1] - (view.pixels()[i] + view.pixels()[i + 2]) / 2.0;
    }
    return sum / (40 * 32 * 32);
  };
  const double always = mean_green(1);
  const double never = mean_green(0);
  CHECK(always > 60);
  CHECK(never < 25);
  const double half = mean_green(0.5);
  CHECK(half < always);
  CHECK(half > never);
}

TEST_CASE("patchwork of a single source works") {
  const Image photo = test::random_picture(30, 30, 3);
  const std::array<const Image*, 1> sources{&photo};
  Random random = random_for(1, 1, 1);
  CHECK(patchwork(sources, 64, random).width_px() == 64);
}

TEST_CASE("an epoch shows every training picture once and shop pictures as often as asked") {
  PicturePool pool = pool_of(9);
  pool.pictures[0].shop_picture = true;
  pool.pictures[0].cutout = synthesis::cut_out_from_white(pool.pictures[0].image);
  pool.pictures[8].split = Split::kValidation;
  TrainingOptions options;
  options.batch_size = 2;
  options.input_px = 32;
  options.shop_picture_repeats = 3;
  options.patchwork_share = 0.5;
  EpochBatches batches(pool, options, 1, plan_labelled(pool, options, 1));
  CHECK(batches.num_batches() == 5);  // 7 photos + 3 times the shop picture
  for (std::size_t i = 0; i < batches.num_batches(); ++i) {
    const Batch batch = batches.next();
    CHECK(batch.images.sizes() == torch::IntArrayRef({3, 3, 32, 32}));
    CHECK(batch.products.size(0) == 2);
    CHECK(batch.images.abs().max().item<double>() <= 1.0);
  }
}

TEST_CASE("an epoch shows the asked share of the pictures without product, others in the next") {
  PicturePool pool = pool_of(40);
  for (std::size_t i = 0; i < 30; ++i) pool.pictures[i].product_index = -1;
  TrainingOptions options;
  options.batch_size = 2;
  options.category_only_share = 0.4;
  const auto shown = [&](std::uint64_t epoch) {
    std::set<std::size_t> indices;
    for (const BatchPlan& batch : plan_labelled(pool, options, epoch))
      indices.insert(batch.picture_indices.begin(), batch.picture_indices.end());
    return indices;
  };
  const std::set<std::size_t> first = shown(1);
  CHECK(first.size() == 22);
  for (std::size_t i = 30; i < 40; ++i) CHECK(first.count(i) == 1);
  CHECK(shown(1) == first);
  CHECK(shown(2) != first);
}

TEST_CASE("leaving an epoch early ends its producer") {
  const PicturePool pool = pool_of(64);
  TrainingOptions options;
  options.batch_size = 2;
  options.input_px = 32;
  EpochBatches batches(pool, options, 1, plan_labelled(pool, options, 1));
  batches.next();
}
