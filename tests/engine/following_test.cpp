// SPDX-License-Identifier: MIT
// Engines beside a writer: they see what is committed, each search sees one state as a whole, and a snapshot
// stays as it is. Meant to run under the thread sanitizer, too. Catch's assertions are not thread-safe, so
// threads and processes count what is wrong.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "engine/fake_embedder.h"
#include "engine/test_folder.h"
#include "vitrine/catalog.h"
#include "vitrine/engine.h"
#include "vitrine/search_index.h"

using namespace vitrine;
using test::FakeEmbedder;
using test::kFakeDim;

namespace {

namespace fs = std::filesystem;

constexpr int kNumProducts = 30;
const EngineOptions kAtOnce{.max_age = std::chrono::milliseconds(0)};

std::vector<std::byte> code_of(int product, int version) {
  std::mt19937_64 random(static_cast<std::uint64_t>(product) * 1000 + static_cast<std::uint64_t>(version));
  std::vector<std::byte> code(kFakeDim / 8);
  for (std::byte& byte : code) byte = static_cast<std::byte>(random());
  return code;
}

Embedding any_query() {
  Embedding query;
  query.code = code_of(0, 0);
  query.feature.assign(kFakeDim, 0.1F);
  return query;
}

/// A shop whose products have two pictures of one version and category each, changed together: whoever sees
/// them differ has seen half of a commit.
class PairShop {
 public:
  explicit PairShop(const fs::path& folder) : catalog_(create(folder)) {
    for (int product = 0; product < kNumProducts; ++product) put(product);
    commit();
  }
  explicit PairShop(Catalog catalog, int generation = 0)
      : catalog_(std::move(catalog)),
        random_(static_cast<std::uint64_t>(generation)),
        num_versions_(100'000 * generation),
        generation_(generation) {}

  static Catalog create(const fs::path& folder) {
    const ModelInfo info = FakeEmbedder().info();
    return Catalog::create(folder, {info.fingerprint, info.name, info.code_bits, info.feature_dim});
  }

  /// One commit of some changes.
  void change() {
    for (int i = 0; i < 4; ++i) {
      const int product = static_cast<int>(random_() % kNumProducts);
      switch (random_() % 4) {
        case 0:
          remove(product);
          break;
        case 1:
          recategorise(product);
          break;
        default:
          put(product);
      }
    }
    commit();
  }

  Catalog& catalog() { return catalog_; }
  int generation() const { return generation_; }

 private:
  static Item item_of(int product, const char* picture, int version) {
    Item item;
    item.key = {"product " + std::to_string(product), picture};
    item.path = std::to_string(version);
    item.category = version % 2 == 0 ? "bags" : "shoes";
    return item;
  }
  void put(int product) {
    const int version = ++num_versions_;
    for (const char* picture : {"a", "b"}) {
      std::vector<float> feature(kFakeDim, 0.01F);
      feature[static_cast<std::size_t>(product)] = 1;
      catalog_.upsert(item_of(product, picture, version), code_of(product, version), to_half(feature));
    }
  }
  void remove(int product) {
    for (const ItemId id : catalog_.items_of("product " + std::to_string(product))) catalog_.remove(id);
  }
  void recategorise(int product) {
    const int version = ++num_versions_;
    for (const ItemId id : catalog_.items_of("product " + std::to_string(product)))
      catalog_.update_metadata(id, item_of(product, catalog_.item(id)->key.picture.c_str(), version));
  }
  void commit() {
    const std::string text = std::to_string(++generation_);
    catalog_.set_blob("generation", std::as_bytes(std::span(text)));
    catalog_.commit();
  }

  Catalog catalog_;
  std::mt19937_64 random_{17};  // so that the changes are always the same
  int num_versions_ = 0;
  int generation_ = 0;
};

int generation_of(const Catalog& catalog) {
  const auto bytes = catalog.blob("generation").value();
  return std::stoi(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::string answer(const Engine& engine, const SearchOptions& options) {
  std::string text;
  for (const Hit& hit : engine.search(any_query(), options).hits)
    text += hit.product + hit.picture + ':' + hit.path + ':' + hit.category + ':' +
            std::to_string(hit.hamming) + ' ';
  return text;
}

std::string answers(const Engine& engine) {
  SearchOptions options{.k = 1000, .target_recall = 1};
  std::string text = std::to_string(engine.size()) + ' ' + answer(engine, options);
  options.where = "picture = 'a'";
  text += answer(engine, options);
  options.categories = {"bags"};
  text += answer(engine, options);
  options.group_by_product = true;
  return text + answer(engine, options);
}

/// Whether one search sees every product with both pictures or none, of one version and category.
bool sees_whole_commits(const Engine& engine, const SearchOptions& options) {
  std::map<std::string, std::multiset<std::string>> pictures;
  for (const Hit& hit : engine.search(any_query(), options).hits)
    pictures[hit.product].insert(hit.path + hit.category);
  for (const auto& [product, versions] : pictures) {
    if (versions.size() != 2 || versions.count(*versions.begin()) != 2) return false;
  }
  return !pictures.empty();
}

/// Searches until told to stop; returns how often something was wrong. Commits that were over before a
/// refresh must be seen after it, and states only go forwards.
int watch(const Engine& engine, const std::atomic<int>& committed, const std::atomic<bool>& stop) {
  int num_wrong = 0;
  int seen = 0;
  for (int i = 0; !stop; ++i) {
    const int expected = committed;
    if (i % 3 == 0) engine.refresh();
    const std::shared_ptr<const Catalog> catalog = engine.catalog();
    const int generation = generation_of(*catalog);
    if ((i % 3 == 0 && generation < expected) || generation < seen) ++num_wrong;
    seen = generation;
    SearchOptions options{.k = 1000, .target_recall = 1};
    if (i % 2 == 1) options.categories = {"shoes"};
    if (!sees_whole_commits(engine, options)) ++num_wrong;
    if (i % 16 == 0) {
      const Engine kept = engine.snapshot();
      const std::string before = answers(kept);
      std::this_thread::yield();
      if (answers(kept) != before) ++num_wrong;
    }
  }
  return num_wrong;
}

Engine open_engine(const fs::path& folder, const EngineOptions& options = kAtOnce) {
  return Engine::open(folder, std::make_shared<FakeEmbedder>(), options);
}

}  // namespace

TEST_CASE("an engine sees what is committed and a snapshot does not") {
  const test::TestFolder folder;
  PairShop shop(folder / "shop.vitrine");
  // With and without a file of the index to begin with.
  if (GENERATE(false, true)) refresh_search_index(shop.catalog());
  const Engine engine = open_engine(folder / "shop.vitrine");
  std::vector<std::pair<Engine, std::string>> kept;
  for (int i = 0; i < 60; ++i) {
    if (i % 10 == 5) kept.emplace_back(engine.snapshot(), answers(engine));
    if (i % 20 == 7) shop.catalog().compact();
    // Readers may miss several commits.
    for (int commits = 0; commits <= i % 3; ++commits) shop.change();
    const Engine fresh = open_engine(folder / "shop.vitrine");
    REQUIRE(answers(engine) == answers(fresh));
    CHECK(generation_of(*engine.catalog()) == shop.generation());
    for (const auto& [snapshot, answers_then] : kept) CHECK(answers(snapshot) == answers_then);
    if (i == 40) kept.erase(kept.begin(), kept.begin() + 2);
  }
  CHECK_FALSE(engine.refresh());
}

TEST_CASE("an engine that shall keep its state keeps it") {
  const test::TestFolder folder;
  PairShop shop(folder / "shop.vitrine");
  const Engine engine = open_engine(folder / "shop.vitrine", {.max_age = std::nullopt});
  const std::string before = answers(engine);
  shop.change();
  CHECK_FALSE(engine.refresh());
  CHECK(answers(engine) == before);
}

TEST_CASE("an engine follows from an empty catalogue, and when all items go and come back") {
  const test::TestFolder folder;
  Catalog empty = PairShop::create(folder / "shop.vitrine");
  const Engine engine = open_engine(folder / "shop.vitrine");
  CHECK(engine.size() == 0);
  CHECK(engine.search(any_query()).hits.empty());
  PairShop shop(std::move(empty));
  for (int i = 0; i < 30; ++i) shop.change();
  REQUIRE(engine.size() > 0);
  CHECK(sees_whole_commits(engine, {.k = 1000}));
  std::vector<ItemId> ids;
  shop.catalog().for_each_row([&](const Catalog::Row& row) { ids.push_back(row.id); });
  for (const ItemId id : ids) shop.catalog().remove(id);
  shop.catalog().commit();
  CHECK(engine.size() == 0);
  CHECK(engine.search(any_query()).hits.empty());
  for (int i = 0; i < 10; ++i) shop.change();
  CHECK(sees_whole_commits(engine, {.k = 1000}));
}

TEST_CASE("a reader that missed more commits than are on record begins anew") {
  const test::TestFolder folder;
  PairShop shop(folder / "shop.vitrine");
  const Engine engine = open_engine(folder / "shop.vitrine");
  const std::uint64_t state = engine.catalog()->state();
  for (int i = 0; i < 20; ++i) shop.change();
  CHECK(Catalog::open(folder / "shop.vitrine").changes_since(state));
  shop.catalog().compact();
  CHECK_FALSE(Catalog::open(folder / "shop.vitrine").changes_since(state));
  CHECK(answers(engine) == answers(open_engine(folder / "shop.vitrine")));
}

TEST_CASE("threads search whole states while a writer commits and compacts") {
  const test::TestFolder folder;
  PairShop shop(folder / "shop.vitrine");
  const Engine engine = open_engine(folder / "shop.vitrine");
  std::atomic<int> committed = shop.generation();
  std::atomic<bool> stop = false;
  std::atomic<int> num_wrong = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back([&] { num_wrong += watch(engine, committed, stop); });
  for (int i = 0; i < 150; ++i) {
    shop.change();
    committed = shop.generation();
    if (i % 50 == 25) shop.catalog().compact();
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(num_wrong == 0);
}

TEST_CASE("processes of several threads search whole states while another process commits and compacts") {
  struct Shared {
    std::atomic<int> committed = 0;
    std::atomic<bool> stop = false;
  };
  void* const memory =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  auto* const shared = new (memory) Shared;
  const test::TestFolder folder;
  const fs::path path = folder / "shop.vitrine";
  { const PairShop shop(path); }
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      int num_wrong = 0;
      try {
        const Engine engine = open_engine(path);
        std::atomic<int> in_threads = 0;
        std::vector<std::thread> threads;
        for (int t = 0; t < 2; ++t)
          threads.emplace_back([&] { in_threads += watch(engine, shared->committed, shared->stop); });
        for (std::thread& thread : threads) thread.join();
        num_wrong = in_threads;
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        num_wrong = 1;
      }
      ::_exit(num_wrong == 0 ? 0 : 1);
    }
    children.push_back(child);
  }
  // The writer opens and closes, too: the last one to close folds SQLite's log in.
  for (int session = 0; session < 8; ++session) {
    PairShop shop(Catalog::open(path, Catalog::Mode::kReadWrite), shared->committed);
    for (int i = 0; i < 20; ++i) {
      shop.change();
      shared->committed = shop.generation();
    }
    if (session % 3 == 1) shop.catalog().compact();
  }
  shared->stop = true;
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
  CHECK(Catalog::open(path).verify().empty());
  ::munmap(memory, sizeof(Shared));
}
