// SPDX-License-Identifier: MIT
#include "training/training_setting.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "network/random_model.h"

namespace vitrine::test {
namespace {

// Four products in two categories, each a colourful noise of its own, photographed with a little more noise.
std::vector<TrainingPicture> write_pictures(const std::filesystem::path& folder) {
  std::vector<TrainingPicture> list;
  for (unsigned product = 0; product < 4; ++product) {
    const Image original = random_picture(48, 48, product);
    for (unsigned photo = 0; photo < 5; ++photo) {
      Image picture = original;
      for (std::size_t i = photo; i < picture.pixels().size(); i += 11) picture.pixels()[i] ^= 16;
      const auto path = folder / (std::to_string(product) + "-" + std::to_string(photo) + ".png");
      const auto png = encode_png(picture);
      std::ofstream(path, std::ios::binary)
          .write(reinterpret_cast<const char*>(png.data()), static_cast<std::streamsize>(png.size()));
      list.push_back({path, "product " + std::to_string(product), product < 2 ? "bag" : "shoe",
                      photo == 4 ? Split::kValidation : Split::kTrain, photo == 3});
    }
  }
  return list;
}

}  // namespace

TrainingSetting::TrainingSetting(const network::Backbone& backbone)
    : pictures(write_pictures(folder.path())) {
  ModelParts model = random_model(backbone);
  model.erase("embedding.weight");
  model.erase("embedding.bias");
  model.write(folder.path() / "backbone.safetensors");
  options.init = folder.path() / "backbone.safetensors";
  options.output = folder.path() / "model.safetensors";
  options.checkpoint = folder.path() / "state.checkpoint";
  options.epochs = 2;
  options.batch_size = 8;
  options.input_px = 32;
  options.feature_dim = 64;
  options.num_threads = 1;
  options.frozen_blocks = static_cast<int>(backbone.blocks.size()) - 5;
  options.shop_picture_repeats = 1;
}

ErrorCode code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("no error");
  return ErrorCode::kInternal;
}

}  // namespace vitrine::test
