// SPDX-License-Identifier: MIT
#include <algorithm>

#include "network/random_model.h"
#include "network/safetensors.h"
#include "temporary_folder.h"
#include "training/box_score_choice.h"
#include "training/torch_with_catch.h"
#include "vitrine/image.h"

using namespace vitrine;
using namespace vitrine::training;

namespace {

constexpr int kSidePx = 32;
constexpr unsigned kNumProducts = 6;

Image product(unsigned i) {
  return test::random_picture(40, 40, 100 + i);
}

// `left` and `right` side by side.
Image beside(const Image& left, const Image& right) {
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < left.height_px(); ++y) {
    for (const Image* image : {&left, &right}) {
      const auto row = image->pixels().subspan(static_cast<std::size_t>(y * image->width_px() * 3),
                                               static_cast<std::size_t>(image->width_px() * 3));
      pixels.insert(pixels.end(), row.begin(), row.end());
    }
  }
  return {left.width_px() + right.width_px(), left.height_px(), std::move(pixels)};
}

// A picture with another one, small, in its upper left corner.
Image with_corner(const Image& picture, const Image& other) {
  const int side_px = picture.width_px() * 2 / 5;
  const Image corner = resize(other, side_px, side_px);
  std::vector<std::uint8_t> pixels(picture.pixels().begin(), picture.pixels().end());
  for (int y = 0; y < side_px; ++y) {
    const auto row = corner.pixels().subspan(static_cast<std::size_t>(y * side_px * 3),
                                             static_cast<std::size_t>(side_px * 3));
    std::copy(row.begin(), row.end(), pixels.begin() + y * picture.width_px() * 3);
  }
  return {picture.width_px(), picture.height_px(), std::move(pixels)};
}

struct Choice {
  Choice() {
    const test::TemporaryFolder folder;
    test::random_model().write(folder.path() / "model.safetensors");
    load_weights(network, network::SafetensorsFile::open(folder.path() / "model.safetensors"));
  }

  void add_shop_pictures() {
    for (unsigned i = 0; i < kNumProducts; ++i) {
      PooledPicture picture;
      picture.image = product(i);
      picture.product = std::to_string(i);
      picture.shop_picture = true;
      picture.box_score = 1;
      pool.pictures.push_back(std::move(picture));
    }
  }

  void add_photo(unsigned i, Image image, const network::RelativeBox& box, double box_score) {
    PooledPicture picture;
    picture.image = std::move(image);
    picture.product = std::to_string(i);
    picture.split = Split::kValidation;
    picture.box = box;
    picture.box_score = box_score;
    pool.pictures.push_back(std::move(picture));
  }

  /// A product beside another one, with a box about it.
  void add_pair(unsigned i, double box_score) {
    add_photo(i, beside(product(i), product((i + 1) % kNumProducts)), {0, 0, 0.5, 1}, box_score);
  }

  /// A product with a small other one in a corner, and the box about that.
  void add_wrong_box(unsigned i, double box_score) {
    add_photo(i, with_corner(product(i), product((i + 1) % kNumProducts)), {0, 0, 0.4, 0.4}, box_score);
  }

  BoxScoreChoice choose() { return choose_min_box_score(network, pool, kSidePx); }

  EmbeddingNetwork network{128};
  PicturePool pool;
};

}  // namespace

TEST_CASE("a score is demanded where unsure boxes hold another product") {
  Choice choice;
  choice.add_shop_pictures();
  for (unsigned i = 0; i < kNumProducts; ++i) {
    choice.add_pair(i, 0.82);
    choice.add_wrong_box(i, 0.31);
  }
  const BoxScoreChoice chosen = choice.choose();
  CHECK(chosen.recall == Approx(1));
  CHECK(chosen.recall_with_all_boxes < 1);
  CHECK(chosen.recall_without_boxes < 1);  // the pairs need theirs
  CHECK(chosen.min_box_score == Approx(0.35));
}

TEST_CASE("no score is demanded where boxes are right, or where there is nothing to ask") {
  Choice choice;
  CHECK(choice.choose().min_box_score == 0);
  choice.add_shop_pictures();
  CHECK(choice.choose().min_box_score == 0);
  for (unsigned i = 0; i < kNumProducts; ++i) choice.add_pair(i, 0.3);
  const BoxScoreChoice chosen = choice.choose();
  CHECK(chosen.min_box_score == 0);
  CHECK(chosen.recall == Approx(1));
}

TEST_CASE("boxes are not given up for what one photo says") {
  Choice choice;
  choice.add_shop_pictures();
  for (unsigned i = 0; i < kNumProducts; ++i) choice.add_photo(i, product(i), {0, 0, 1, 1}, 0.62);
  choice.add_wrong_box(0, 0.31);
  CHECK(choice.choose().recall_with_all_boxes < 1);
  CHECK(choice.choose().min_box_score == 0);
  choice.add_wrong_box(1, 0.31);
  choice.add_wrong_box(2, 0.31);
  CHECK(choice.choose().min_box_score == Approx(0.35));
}

TEST_CASE("the choice looks at pictures as often as the finished model") {
  Choice choice;
  choice.add_shop_pictures();
  // Whole, these show another product; in the middle, the right one; the boxes are of the other one.
  for (unsigned i = 0; i < kNumProducts; ++i) {
    const Image other = product((i + 1) % kNumProducts);
    choice.add_photo(i, beside(beside(other, product(i)), other), {0, 0, 1.0 / 3, 1}, 0.42);
  }
  const double whole_recall = choice.choose().recall;
  choice.pool.center_view = 0.3;
  const BoxScoreChoice chosen = choice.choose();
  CHECK(chosen.recall > whole_recall);
  CHECK(chosen.min_box_score == Approx(0.45));
}
