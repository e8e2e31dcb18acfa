// SPDX-License-Identifier: MIT
// How well models find things they were trained on and things they were not, all under one protocol. Prints
// one row a model, and how far it is from the first model in the columns of things that need not have been
// trained on, with 95 % intervals of the paired bootstrap; docs/models.md explains the columns. usage:
// vitrine-model-benchmark LISTS STAMPS MODEL...
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "synthesis/cutout.h"
#include "vitrine/embedder.h"
#include "vitrine/error.h"
#include "vitrine/hamming_index.h"
#include "vitrine/ingest.h"
#include "vitrine/rerank.h"

namespace {

using namespace vitrine;
namespace fs = std::filesystem;

struct Labelled {
  std::vector<Embedding> embeddings;
  std::vector<std::string> products;
  std::vector<std::string> categories;
};

// Runs `make(i)` and embeds its picture for every i < count, on all cores.
template <typename Make>
std::vector<Embedding> embed_all(const Embedder& embedder, std::size_t count, const Make& make) {
  constexpr std::size_t kBatch = 16;
  std::vector<Embedding> result(count);
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t begin = kBatch * next++; begin < count; begin = kBatch * next++) {
      std::vector<Image> images;
      for (std::size_t i = begin; i < std::min(count, begin + kBatch); ++i) images.push_back(make(i));
      std::vector<Embedding> batch = embedder.embed(images);
      std::move(batch.begin(), batch.end(), result.begin() + static_cast<std::ptrdiff_t>(begin));
    }
  };
  std::vector<std::jthread> workers;
  for (unsigned t = 1; t < std::max(1U, std::thread::hardware_concurrency()); ++t) workers.emplace_back(work);
  work();
  return result;
}

Labelled embed_list(const Embedder& embedder, const fs::path& list) {
  const IngestSource source = read_manifest(list);
  Labelled result;
  for (const IngestEntry& entry : source.entries) {
    result.products.push_back(entry.key.product);
    result.categories.push_back(entry.category);
  }
  const DecodeOptions options{.min_side_px = embedder.info().min_decode_px()};
  result.embeddings = embed_all(embedder, source.entries.size(),
                                [&](std::size_t i) { return Image::read(source.entries[i].path, options); });
  return result;
}

double cosine(const Embedding& a, const Embedding& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.feature.size(); ++i) sum += static_cast<double>(a.feature[i]) * b.feature[i];
  return sum;
}

// Gallery indices by descending cosine, the first k.
std::vector<std::size_t> nearest(const Embedding& query, const std::vector<Embedding>& gallery,
                                 std::size_t k) {
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < gallery.size(); ++i) order.emplace_back(-cosine(query, gallery[i]), i);
  k = std::min(k, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), order.end());
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < k; ++i) result.push_back(order[i].second);
  return result;
}

struct Recall {
  double by_float = 0;
  double by_code = 0;
  double reranked = 0;  // 200 Hamming candidates
};

Recall recall_at_one(const Labelled& queries, const Labelled& gallery,
                     const std::vector<std::size_t>& asked) {
  const std::size_t bits = gallery.embeddings.front().code.size() * 8;
  HammingIndex index({.code_bits = bits, .kernel = ""});
  std::vector<std::vector<Half>> halves;
  for (std::size_t i = 0; i < gallery.embeddings.size(); ++i) {
    index.upsert(i, gallery.embeddings[i].code);
    halves.push_back(to_half(gallery.embeddings[i].feature));
  }
  Recall recall;
  for (const std::size_t q : asked) {
    const Embedding& query = queries.embeddings[q];
    const auto right = [&](std::size_t found) {
      return gallery.products[found] == queries.products[q] ? 1.0 : 0.0;
    };
    recall.by_float += right(nearest(query, gallery.embeddings, 1).front());
    HammingSearchOptions options;
    options.k = 200;
    const auto candidates = index.search(query.code, options);
    recall.by_code += right(candidates.front().id);
    std::vector<const Half*> rows;
    for (const Neighbor& n : candidates) rows.push_back(halves[n.id].data());
    recall.reranked += right(candidates[rerank_by_cosine(query.feature, rows, 1).front().candidate_index].id);
  }
  const double percent = 100.0 / static_cast<double>(asked.size());
  return {recall.by_float * percent, recall.by_code * percent, recall.reranked * percent};
}

std::vector<std::size_t> all_of(const Labelled& list) {
  std::vector<std::size_t> indices(list.products.size());
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
  return indices;
}

// Which queries were answered rightly.
using Answers = std::vector<bool>;

double percent(const Answers& answers) {
  const auto num_right = static_cast<double>(std::count(answers.begin(), answers.end(), true));
  return answers.empty() ? std::nan("") : 100 * num_right / static_cast<double>(answers.size());
}

// "+1.2 (-0.3 to 2.6)": points by which `answers` is ahead of `reference`, query by query.
std::string lead(const Answers& answers, const Answers& reference) {
  if (answers.empty()) return "-";
  constexpr int kResamples = 2000;
  std::mt19937_64 random(1);
  std::vector<double> leads(kResamples);
  for (double& points : leads) {
    int sum = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const std::size_t drawn = random() % answers.size();
      sum += static_cast<int>(answers[drawn]) - static_cast<int>(reference[drawn]);
    }
    points = 100.0 * sum / static_cast<double>(answers.size());
  }
  std::sort(leads.begin(), leads.end());
  char text[64];
  std::snprintf(text, sizeof text, "%+.1f (%+.1f to %+.1f)", percent(answers) - percent(reference),
                leads[kResamples / 40], leads[kResamples - 1 - kResamples / 40]);
  return text;
}

Answers category_by_ten(const Labelled& queries, const Labelled& gallery) {
  Answers right;
  for (std::size_t q = 0; q < queries.embeddings.size(); ++q) {
    std::map<std::string, double> votes;
    for (const std::size_t i : nearest(queries.embeddings[q], gallery.embeddings, 10)) {
      votes[gallery.categories[i]] += cosine(queries.embeddings[q], gallery.embeddings[i]);
    }
    const auto best = std::max_element(votes.begin(), votes.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    right.push_back(best->first == queries.categories[q]);
  }
  return right;
}

Answers nearest_is_right(const Labelled& queries, const Labelled& gallery,
                         const std::vector<std::size_t>& asked) {
  Answers right;
  for (const std::size_t q : asked) {
    right.push_back(gallery.products[nearest(queries.embeddings[q], gallery.embeddings, 1).front()] ==
                    queries.products[q]);
  }
  return right;
}

// A stamp as it might be photographed: scaled, turned and laid on a photo, the same for every model.
Image photographed_stamp(const fs::path& stamp, const fs::path& background, std::uint64_t seed) {
  using synthesis::Homography;
  constexpr int kSide = 320;
  std::mt19937_64 random(seed);
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * (static_cast<double>(random() >> 11) * 0x1.0p-53);
  };
  const synthesis::Cutout cutout = synthesis::cut_out_from_white(Image::read(stamp));
  Image scene = resize(Image::read(background), kSide, kSide);
  const BoxPx box = cutout.tight_box_px.empty()
                        ? BoxPx{0, 0, cutout.image.width_px(), cutout.image.height_px()}
                        : cutout.tight_box_px;
  const double size = uniform(0.45, 0.85) * kSide / std::max(box.width(), box.height());
  const double x = kSide * uniform(0.4, 0.6);
  const double y = kSide * uniform(0.4, 0.6);
  const Homography to_scene =
      Homography::translation(x, y)
          .after(Homography::rotation(uniform(-0.35, 0.35)))
          .after(Homography::scaling(size, size))
          .after(Homography::translation(-(box.x0 + box.x1) / 2.0, -(box.y0 + box.y1) / 2.0));
  paste(cutout, to_scene.inverse(), scene);
  return scene;
}

Answers stamps_found(const Embedder& embedder, const fs::path& stamps, const fs::path& lists) {
  std::vector<IngestEntry> entries = list_folder(stamps).entries;
  std::erase_if(entries, [](const IngestEntry& e) { return fs::path(e.path).extension() != ".png"; });
  const std::vector<IngestEntry> backgrounds = read_manifest(lists / "queries-clothing.csv").entries;
  const auto gallery =
      embed_all(embedder, entries.size(), [&](std::size_t i) { return Image::read(entries[i].path); });
  const auto queries = embed_all(embedder, entries.size(), [&](std::size_t i) {
    return photographed_stamp(entries[i].path, backgrounds[i * 7919 % backgrounds.size()].path, i);
  });
  Answers right;
  for (std::size_t i = 0; i < queries.size(); ++i)
    right.push_back(nearest(queries[i], gallery, 1).front() == i);
  return right;
}

struct GeneralAnswers {
  Answers new_products;
  Answers clothing;
  Answers stamps;
};

GeneralAnswers print_row(const fs::path& model, const fs::path& lists, const fs::path& stamps) {
  const auto embedder = load_embedder(model);
  const Labelled shop = embed_list(*embedder, lists / "gallery-shop.csv");
  const Labelled photos = embed_list(*embedder, lists / "gallery-photos.csv");
  const Labelled queries = embed_list(*embedder, lists / "queries.csv");
  const auto held_out_list = read_manifest(lists / "queries-held-out.csv").entries;
  std::set<std::string> held_out;
  for (const IngestEntry& entry : held_out_list) held_out.insert(entry.key.product);
  std::vector<std::size_t> held_out_queries;
  for (std::size_t i = 0; i < queries.products.size(); ++i) {
    if (held_out.contains(queries.products[i])) held_out_queries.push_back(i);
  }
  const Recall in_shop = recall_at_one(queries, shop, all_of(queries));
  const Recall in_photos = recall_at_one(queries, photos, all_of(queries));
  GeneralAnswers general;
  general.new_products = nearest_is_right(queries, shop, held_out_queries);
  general.clothing = category_by_ten(embed_list(*embedder, lists / "queries-clothing.csv"),
                                     embed_list(*embedder, lists / "gallery-clothing.csv"));
  general.stamps = stamps_found(*embedder, stamps, lists);
  std::printf("%-36s %4d %5zu | %5.1f %5.1f %5.1f | %5.1f %5.1f %5.1f | %5.1f | %5.1f | %5.1f\n",
              model.filename().c_str(), embedder->info().input_px, embedder->info().feature_dim,
              in_shop.by_float, in_shop.by_code, in_shop.reranked, in_photos.by_float, in_photos.by_code,
              in_photos.reranked, percent(general.new_products), percent(general.clothing),
              percent(general.stamps));
  std::fflush(stdout);
  return general;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: %s LISTS STAMPS MODEL...\n", argv[0]);
    return 2;
  }
  std::printf("%-36s %4s %5s | %-17s | %-17s | %5s | %5s | %5s\n", "model", "px", "dim",
              "shop: float code re", "photos: float code re", "16", "cloth", "stamp");
  try {
    const GeneralAnswers first = print_row(argv[3], argv[1], argv[2]);
    for (int i = 4; i < argc; ++i) {
      const GeneralAnswers general = print_row(argv[i], argv[1], argv[2]);
      std::printf("    ahead of the first model: 16 products %s, clothing %s, stamps %s\n",
                  lead(general.new_products, first.new_products).c_str(),
                  lead(general.clothing, first.clothing).c_str(), lead(general.stamps, first.stamps).c_str());
      std::fflush(stdout);
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
  return 0;
}
