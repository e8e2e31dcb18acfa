// SPDX-License-Identifier: MIT
#include "vitrine/duplicates.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/shop.h"
#include "vitrine/error.h"

using namespace vitrine;
using namespace vitrine::test;
namespace fs = std::filesystem;

namespace {

std::vector<DuplicateGroup> groups_of(const Catalog& catalog, const DuplicateOptions& options = {}) {
  std::vector<DuplicateGroup> groups;
  const DuplicateReport report =
      find_duplicates(catalog, options, [&](const DuplicateGroup& group) { groups.push_back(group); });
  CHECK_FALSE(report.interrupted);
  return groups;
}

std::vector<std::string> names(const DuplicateGroup& group) {
  std::vector<std::string> result;
  for (const DuplicatePicture& picture : group) result.push_back(picture.item.key.picture);
  return result;
}

// Two pictures: one as it is, copied and enlarged; one alone.
void add_duplicates(Shop& shop) {
  shop.add_photo("a.png", 1);
  fs::copy_file(shop.photos() / "a.png", shop.photos() / "b.png");
  const Image picture = seeded_picture(1);
  shop.folder.write("photos/c.png",
                    encode_png(resize(picture, picture.width_px() * 4, picture.height_px() * 4)));
  shop.add_photo("d.png", 2);
  shop.ingest_photos();
}

}  // namespace

TEST_CASE("copies and enlarged pictures are found, the largest is kept") {
  Shop shop;
  add_duplicates(shop);
  const auto groups = groups_of(Catalog::open(shop.catalog_path()));
  REQUIRE(groups.size() == 1);
  CHECK(names(groups[0]) == std::vector<std::string>{"c.png", "a.png", "b.png"});
  CHECK_FALSE(groups[0][1].same_file);
  CHECK(groups[0][0].hamming == 0);
  CHECK(groups[0][0].cosine == Approx(1).margin(1e-3));
  CHECK(groups[0][1].cosine == groups[0][2].cosine);
}

TEST_CASE("a quality column decides which picture is kept; pictures without it come last") {
  Shop shop;
  shop.add_photo("a.png", 1);
  shop.add_photo("b.png", 1);
  shop.add_photo("c.png", 1);
  shop.folder.write("photos/list.csv", "path,product,sales\na.png,p1,3\nb.png,p2,8\nc.png,p3,\n");
  shop.ingest_source(read_manifest(shop.photos() / "list.csv"));
  const Catalog catalog = Catalog::open(shop.catalog_path());
  DuplicateOptions options;
  options.prefer = "sales";
  const auto groups = groups_of(catalog, options);
  REQUIRE(groups.size() == 1);
  CHECK(names(groups[0]) == std::vector<std::string>{"b.png", "a.png", "c.png"});
  CHECK(groups[0][1].same_file);
  options.prefer = "clicks";
  CHECK_THROWS_AS(groups_of(catalog, options), Error);
}

TEST_CASE("pictures that are gone are duplicates of equal files only, and are counted") {
  Shop shop;
  add_duplicates(shop);
  for (const char* name : {"a.png", "b.png", "c.png"}) fs::remove(shop.photos() / name);
  const Catalog catalog = Catalog::open(shop.catalog_path());
  std::vector<DuplicateGroup> groups;
  const DuplicateReport report =
      find_duplicates(catalog, {}, [&](const DuplicateGroup& group) { groups.push_back(group); });
  CHECK(report.num_unreadable == 2);  // nobody need look at a copy
  REQUIRE(groups.size() == 1);
  CHECK(names(groups[0]) == std::vector<std::string>{"a.png", "b.png"});
  CHECK(groups[0][1].same_file);

  DuplicateOptions by_features;
  by_features.min_correlation.reset();
  by_features.min_cosine = 0.999;
  const auto found = groups_of(catalog, by_features);
  REQUIRE(found.size() == 1);
  CHECK(found[0].size() == 3);
}

TEST_CASE("options out of range are refused, and an empty catalogue has no duplicates") {
  Shop shop;
  fs::create_directories(shop.photos());
  const Catalog catalog = shop.open_or_create();
  CHECK(groups_of(catalog).empty());
  for (const auto& spoil : std::vector<void (*)(DuplicateOptions&)>{
           [](DuplicateOptions& options) { options.max_bit_share = 0.6; },
           [](DuplicateOptions& options) { options.min_cosine = 1.5; },
           [](DuplicateOptions& options) { options.min_correlation = -2; },
           [](DuplicateOptions& options) { options.target_recall = 0.5; }}) {
    DuplicateOptions options;
    spoil(options);
    CHECK_THROWS_AS(groups_of(catalog, options), Error);
  }
}
