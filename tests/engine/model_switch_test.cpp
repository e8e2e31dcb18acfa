// SPDX-License-Identifier: MIT
// Engines beside an exchange of the catalogue for one of another model: each search is by one model as a
// whole. Catch's assertions are not thread-safe, so threads count what is wrong.
#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "engine/fake_embedder.h"
#include "engine/test_folder.h"
#include "vitrine/engine.h"
#include "vitrine/error.h"
#include "vitrine/standby.h"

using namespace vitrine;
using test::FakeEmbedder;
using test::kFakeDim;

namespace {

namespace fs = std::filesystem;

constexpr int kNumItems = 20;

/// Gives every picture a feature of its own that says the model: searching one model's items with the
/// other's feature finds nothing alike.
class NamedEmbedder final : public FakeEmbedder {
 public:
  explicit NamedEmbedder(const std::string& name) : sign_(name == "new" ? -1.0F : 1.0F) {
    info_for_changes().name = info_for_changes().fingerprint = name;
  }
  std::vector<Embedding> embed(std::span<const Image> images) const override {
    std::vector<Embedding> embeddings;
    for (const Image& image : images) embeddings.push_back(embedding_of(image.width_px()));
    return embeddings;
  }
  Embedding embedding_of(int number) const {
    Embedding embedding;
    embedding.feature.assign(kFakeDim, 0.01F * sign_);
    embedding.feature[static_cast<std::size_t>(number)] = sign_;
    embedding.code.assign(kFakeDim / 8, sign_ > 0 ? std::byte{0} : std::byte{0xff});
    embedding.code[static_cast<std::size_t>(number) / 8] ^= std::byte(1 << number % 8);
    return embedding;
  }

 private:
  float sign_;
};

void make(const fs::path& folder, const std::string& model) {
  const fs::path file = folder.parent_path() / model;
  std::ofstream(file) << model;
  const NamedEmbedder embedder(model);
  const ModelInfo& info = embedder.info();
  Catalog catalog =
      Catalog::create(folder, {info.fingerprint, info.name, info.code_bits, info.feature_dim}, file);
  for (int i = 0; i < kNumItems; ++i) {
    Item item;
    item.key = {std::to_string(i), "x"};
    item.path = model;
    const Embedding embedding = embedder.embedding_of(i);
    catalog.upsert(item, embedding.code, to_half(embedding.feature));
  }
  catalog.commit();
}

EngineOptions options_with_loader() {
  EngineOptions options;
  options.load = [](const fs::path& model, Precision) -> std::shared_ptr<const Embedder> {
    std::string name;
    std::ifstream(model) >> name;
    return std::make_shared<NamedEmbedder>(name);
  };
  return options;
}

/// A picture that shows item `number`, at least 1.
Image photo_of(int number) {
  return Image(number, 1, std::vector<std::uint8_t>(static_cast<std::size_t>(3 * number)));
}

bool finds(const Engine& engine, int number) {
  const SearchResult result = engine.search(photo_of(number), {.k = 3});
  return !result.hits.empty() && result.hits.front().product == std::to_string(number) &&
         result.hits.front().cosine > 0.99;
}

}  // namespace

TEST_CASE("an engine goes on with the catalogue that has taken the place of its own") {
  const test::TestFolder folder;
  make(folder / "shop.vitrine", "old");
  make(folder / "shop.vitrine.standby", "new");
  const Engine engine = Engine::open(folder / "shop.vitrine", options_with_loader());
  const Engine kept = engine.snapshot();
  CHECK(finds(engine, 3));
  switch_to_standby(folder / "shop.vitrine");
  engine.refresh();
  CHECK(engine.embedder().info().name == "new");
  CHECK(engine.catalog()->identity().model_name == "new");
  CHECK(finds(engine, 3));
  CHECK(engine.search(photo_of(3)).hits.front().path == "new");
  CHECK(kept.embedder().info().name == "old");
  CHECK(finds(kept, 3));
  CHECK_FALSE(engine.refresh());
  switch_to_standby(folder / "shop.vitrine");
  engine.refresh();
  CHECK(engine.search(photo_of(3)).hits.front().path == "old");
}

TEST_CASE("every search beside exchanges is by one model") {
  const test::TestFolder folder;
  make(folder / "shop.vitrine", "old");
  make(folder / "shop.vitrine.standby", "new");
  EngineOptions options = options_with_loader();
  options.max_age = std::chrono::milliseconds(1);
  const Engine engine = Engine::open(folder / "shop.vitrine", options);
  std::atomic<bool> stop = false;
  std::atomic<int> num_searches = 0;
  std::atomic<int> num_wrong = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = thread; !stop; ++i) {
        num_wrong += finds(engine, 1 + i % (kNumItems - 1)) ? 0 : 1;
        ++num_searches;
      }
    });
  }
  int num_exchanges = 0;
  for (; num_exchanges < 30; ++num_exchanges) {
    switch_to_standby(folder / "shop.vitrine");
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(num_searches > num_exchanges);
  CHECK(num_wrong == 0);
}

TEST_CASE("an engine with a network of the host's stays with the catalogue that it fits") {
  const test::TestFolder folder;
  make(folder / "shop.vitrine", "old");
  make(folder / "shop.vitrine.standby", "new");
  const Engine engine = Engine::open(folder / "shop.vitrine", std::make_shared<NamedEmbedder>("old"));
  switch_to_standby(folder / "shop.vitrine");
  try {
    engine.refresh();
    FAIL("took over a catalogue of another model");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInvalidArgument);
    CHECK_THAT(error.what(), Catch::Contains("it is of the model 'new' now; open it anew"));
  }
  CHECK(finds(engine, 3));
  CHECK(engine.search(photo_of(3)).hits.front().path == "old");
}
