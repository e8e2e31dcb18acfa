// SPDX-License-Identifier: MIT
#pragma once
/// The small training run from clicks instead of labels.
#include <filesystem>
#include <string>
#include <vector>

#include "training/training_setting.h"
#include "vitrine/catalog.h"
#include "vitrine/triplet_set.h"
#include "vitrine/triplets.h"

namespace vitrine::test {

/// Of each product, photo 0 is an item, photos 1, 2 and 4 are searched with, each with a click on the item
/// and the others passed over.
struct ClickedShop : TrainingSetting {
  std::filesystem::path shop = folder.path() / "shop.vitrine";
  std::filesystem::path file = folder.path() / "triplets.jsonl";
  std::vector<Triplet> triplets;

  ClickedShop() {
    auto catalog = Catalog::create(shop, {"fingerprint", "model", 64, 64});
    const std::vector<std::byte> code(8);
    const std::vector<Half> feature(64);
    for (int product = 0; product < 4; ++product) {
      Item item;
      item.key = {"shelf/" + name(product), "front.png"};  // products may hold slashes
      item.path = photo(product, 0).string();
      item.category = product < 2 ? "bag" : "shoe";
      item.attributes_json = product == 3 ? R"({"role": "shop"})" : "{}";
      catalog.upsert(item, code, feature);
    }
    catalog.commit();
    for (int product = 0; product < 4; ++product) {
      for (const int i : {1, 2, 4}) {
        // Relative, because who is held out follows from the name.
        Triplet triplet{
            photo(product, i).filename().string(), key(product), "shelf/" + name(product), {}, 1.5};
        for (int other = 0; other < 4; ++other)
          if (other != product) triplet.negatives.push_back(key(other));
        triplets.push_back(triplet);
      }
    }
    write();
    options.batch_size = 16;
  }

  static std::string name(int product) { return "product " + std::to_string(product); }
  static std::string key(int product) { return "shelf/" + name(product) + "/front.png"; }
  std::filesystem::path photo(int product, int i) const {
    return folder.path() / (std::to_string(product) + "-" + std::to_string(i) + ".png");
  }
  void write() const {
    TripletWriter writer(file);
    for (const Triplet& triplet : triplets) writer.write(triplet);
    writer.close();
  }
  TripletSet read(const TripletSetOptions& set_options = {.validation_share = 0.25}) const {
    return read_triplet_set(file, Catalog::open(shop), set_options);
  }
  TrainingReport train_from_clicks(const TrainingCallbacks& callbacks = {}) const {
    return train(read(), options, callbacks);
  }
};

}  // namespace vitrine::test
