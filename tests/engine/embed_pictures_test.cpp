// SPDX-License-Identifier: MIT
#include "vitrine/embed_pictures.h"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <vector>

#include "engine/shop.h"
#include "vitrine/error.h"

using namespace vitrine;
using test::FakeEmbedder;
using test::Shop;

namespace {

struct Photos {
  Photos() {
    for (std::uint32_t i = 0; i < 100; ++i)
      paths.push_back(shop.add_photo(std::to_string(i) + ".png", i).string());
  }

  std::vector<EmbeddedPicture> embed(const EmbedPicturesOptions& options = {}) const {
    std::vector<EmbeddedPicture> pictures;
    CHECK(embed_pictures(
        shop.embedder, paths, [&](const EmbeddedPicture& picture) { pictures.push_back(picture); }, options));
    return pictures;
  }

  Shop shop;
  std::vector<std::string> paths;
};

}  // namespace

TEST_CASE("pictures come in order with what the embedder makes of them, for any number of threads") {
  const Photos photos;
  for (const unsigned num_threads : {1U, 4U}) {
    const auto pictures = photos.embed({.num_threads = num_threads});
    REQUIRE(pictures.size() == photos.paths.size());
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const Image image = test::seeded_picture(static_cast<std::uint32_t>(i));
      const Embedding expected = photos.shop.embedder.embed(std::span(&image, 1)).at(0);
      CHECK(pictures[i].index == i);
      CHECK(pictures[i].failure.empty());
      CHECK(pictures[i].width_px == image.width_px());
      CHECK(pictures[i].height_px == image.height_px());
      CHECK(pictures[i].embedding.feature == expected.feature);
      CHECK(pictures[i].embedding.code == expected.code);
    }
  }
}

TEST_CASE("a bad picture fails by itself") {
  Photos photos;
  photos.paths[3] = photos.shop.folder.write("photos/broken.png", "no picture").string();
  photos.paths[50] = "nowhere.png";
  photos.shop.embedder.refused_width_px = test::seeded_picture(60).width_px();
  const auto pictures = photos.embed();
  REQUIRE(pictures.size() == photos.paths.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const bool refused = test::seeded_picture(static_cast<std::uint32_t>(i)).width_px() ==
                         photos.shop.embedder.refused_width_px;
    CHECK(pictures[i].failure.empty() == !(i == 3 || i == 50 || refused));
  }
  CHECK(pictures[50].failure.find("nowhere.png") != std::string::npos);
}

TEST_CASE("one region of every picture is described, and a picture without it fails") {
  const Photos photos;
  const BoxPx box{2, 1, 9, 8};
  const auto pictures = photos.embed({.box_px = box});
  const Image image = crop(test::seeded_picture(7), box);
  CHECK(pictures.at(7).embedding.feature == photos.shop.embedder.embed(std::span(&image, 1)).at(0).feature);
  CHECK(photos.embed({.box_px = BoxPx{500, 0, 600, 10}}).at(7).failure.find("cannot crop") !=
        std::string::npos);
}

TEST_CASE("a run stops when it is asked to, and the callback's exceptions pass through") {
  const Photos photos;
  std::size_t num_seen = 0;
  EmbedPicturesOptions options;
  options.should_stop = [&] { return num_seen >= 10; };
  CHECK_FALSE(embed_pictures(
      photos.shop.embedder, photos.paths, [&](const EmbeddedPicture&) { ++num_seen; }, options));
  CHECK(num_seen == 10);
  CHECK_THROWS_AS(embed_pictures(photos.shop.embedder, photos.paths,
                                 [](const EmbeddedPicture&) { throw std::logic_error("host"); }),
                  std::logic_error);
}

TEST_CASE("progress counts every picture, and no pictures are done at once") {
  Photos photos;
  photos.paths.back() = "nowhere.png";
  IngestProgress last;
  photos.embed({.on_progress = [&](const IngestProgress& progress) { last = progress; }});
  CHECK(last.num_total == 100);
  CHECK(last.num_done == 100);
  CHECK(last.num_failed == 1);
  photos.paths.clear();
  CHECK(photos.embed().empty());
}
