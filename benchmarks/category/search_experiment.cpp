// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <random>
#include <thread>
#include <utility>

#include "base/parallel.h"
#include "category/accuracy.h"
#include "category/experiments.h"
#include "retrieval.h"
#include "vitrine/catalog.h"
#include "vitrine/catalog_categories.h"
#include "vitrine/engine.h"
#include "vitrine/ingest.h"
#include "vitrine/search_index.h"

namespace vitrine::benchmarks {
namespace {

namespace fs = std::filesystem;

// Of a synthetic item, against the real picture from which it is made: a cosine of about 0.89.
constexpr float kNoise = 0.5F;

std::vector<float> varied(const std::vector<float>& feature, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal(0, kNoise / std::sqrt(static_cast<float>(feature.size())));
  std::vector<float> result = feature;
  double squares = 0;
  for (float& x : result) {
    x += normal(random);
    squares += static_cast<double>(x) * x;
  }
  for (float& x : result) x /= static_cast<float>(std::sqrt(squares));
  return result;
}

// Every real picture first, then variations of them in turn, each of the product and category of its
// original.
void make_catalog(const Embedder& embedder, const Labelled& originals, const fs::path& folder,
                  std::size_t num_items) {
  const ModelInfo& info = embedder.info();
  Catalog catalog = Catalog::create(folder, {info.fingerprint, info.name, info.code_bits, info.feature_dim});
  constexpr std::size_t kPart = 20'000;
  for (std::size_t begin = 0; begin < num_items; begin += kPart) {
    const std::size_t count = std::min(kPart, num_items - begin);
    std::vector<std::vector<float>> features(count);
    base::for_each_part(
        std::max(1U, std::thread::hardware_concurrency()), count, 100,
        [&](std::size_t first, std::size_t last) {
          for (std::size_t i = first; i < last; ++i) {
            const auto& original = originals.embeddings[(begin + i) % originals.embeddings.size()].feature;
            features[i] = begin + i < originals.embeddings.size() ? original : varied(original, begin + i);
          }
        });
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t original = (begin + i) % originals.embeddings.size();
      Item item;
      item.key = {originals.products[original], std::to_string(begin + i)};
      item.category = originals.categories[original];
      item.hash = {begin + i, 1};
      catalog.upsert(item, sign_code(features[i]), to_half(features[i]));
    }
    catalog.commit();
  }
  refresh_search_index(catalog, {.num_threads = std::max(1U, std::thread::hardware_concurrency())});
}

struct Measured {
  std::vector<bool> right;         // the first hit is of the photo's product
  std::vector<bool> among_twenty;  // one of the first twenty
  // Medians: other work on the machine disturbs them least.
  double whole_ms = 0;
  double search_ms = 0;    // codes and features
  double category_ms = 0;  // what the prediction adds
  double restricted = 0;   // share of the searches
  double lost = 0;         // share of the searches that left the true category out
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Measured measure(const Engine& engine, const Labelled& queries, const SearchOptions& options) {
  Measured result;
  std::vector<double> whole_ms, search_ms, category_ms;
  const auto count = static_cast<double>(queries.embeddings.size());
  for (std::size_t i = 0; i < queries.embeddings.size(); ++i) {
    const auto start = std::chrono::steady_clock::now();
    const SearchResult found = engine.search(queries.embeddings[i], options);
    const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
    result.right.push_back(!found.hits.empty() && found.hits.front().product == queries.products[i]);
    result.among_twenty.push_back(std::any_of(found.hits.begin(), found.hits.end(), [&](const Hit& hit) {
      return hit.product == queries.products[i];
    }));
    whole_ms.push_back(elapsed.count());
    search_ms.push_back(found.timings.hamming_ms + found.timings.rerank_ms);
    category_ms.push_back(found.timings.category_ms);
    const auto& searched = found.searched_categories;
    if (searched.empty()) continue;
    result.restricted += 1 / count;
    if (std::find(searched.begin(), searched.end(), queries.categories[i]) == searched.end())
      result.lost += 1 / count;
  }
  result.whole_ms = median(std::move(whole_ms));
  result.search_ms = median(std::move(search_ms));
  result.category_ms = median(std::move(category_ms));
  return result;
}

void print_row(const char* mode, const std::string& mass, const Measured& measured,
               const Measured& unrestricted) {
  const Share first = bootstrap_lead(measured.right, unrestricted.right, kResamples, kSeed);
  const Share twenty = bootstrap_lead(measured.among_twenty, unrestricted.among_twenty, kResamples, kSeed);
  std::printf(
      "| %s | %s | %.1f | %+.2f (%+.2f to %+.2f) | %.1f | %+.2f (%+.2f to %+.2f) | %.1f | %.2f | %.3f | %.3f "
      "| %.3f | %.1f |\n",
      mode, mass.c_str(), 100 * share(measured.right), 100 * first.value, 100 * first.low, 100 * first.high,
      100 * share(measured.among_twenty), 100 * twenty.value, 100 * twenty.low, 100 * twenty.high,
      100 * measured.restricted, 100 * measured.lost, measured.search_ms, measured.category_ms,
      measured.whole_ms, unrestricted.search_ms / measured.search_ms);
  std::fflush(stdout);
}

}  // namespace

void print_effects_on_search(const fs::path& model, const fs::path& lists, const fs::path& folder,
                             std::size_t num_items) {
  const std::shared_ptr<const Embedder> embedder = load_embedder(model);
  if (!fs::exists(folder)) {
    Labelled originals = embed_list(*embedder, lists / "gallery-photos.csv");
    for (const char* list : {"gallery-shop.csv", "gallery-clothing.csv"}) {
      const Labelled more = embed_list(*embedder, lists / list);
      originals.embeddings.insert(originals.embeddings.end(), more.embeddings.begin(), more.embeddings.end());
      originals.products.insert(originals.products.end(), more.products.begin(), more.products.end());
      originals.categories.insert(originals.categories.end(), more.categories.begin(), more.categories.end());
    }
    make_catalog(*embedder, originals, folder, num_items);
    Catalog catalog = Catalog::open(folder, Catalog::Mode::kReadWrite);
    const auto photos = read_manifest(lists / "validation.csv").entries;
    store_category_fusion(catalog, fit_categories(catalog, *embedder, photos).report.fusion);
    catalog.commit();
    refresh_search_index(catalog);
  }
  const Labelled queries = embed_list(*embedder, lists / "queries.csv");
  const Engine engine = Engine::open(folder, embedder);
  std::printf(
      "%zu items, %zu photos, one thread; milliseconds are medians\n\n"
      "| codes compared | mass | R@1 | against all | R@20 | against all | restricted %% | true one left out "
      "%% "
      "| codes, features ms | category ms | whole ms | times faster |\n"
      "|---|---:|---:|---|---:|---|---:|---:|---:|---:|---:|---:|\n",
      engine.size(), queries.embeddings.size());
  for (const bool exact : {false, true}) {
    SearchOptions options;
    if (exact) options.target_recall = 1;
    options.category_mass = 1;
    measure(engine, queries, options);  // into memory
    const Measured unrestricted = measure(engine, queries, options);
    const char* const mode = exact ? "all" : "through lists";
    print_row(mode, "1", unrestricted, unrestricted);
    for (const double mass : {0.9, 0.95, 0.98, 0.99, 0.995, 0.999}) {
      options.category_mass = mass;
      char label[16];
      std::snprintf(label, sizeof label, "%g", mass);
      print_row(mode, label, measure(engine, queries, options), unrestricted);
    }
  }
}

}  // namespace vitrine::benchmarks
