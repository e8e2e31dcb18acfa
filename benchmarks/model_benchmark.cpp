// SPDX-License-Identifier: MIT
// How well models find things they were trained on and things they were not, all under one protocol. Prints
// one row a model, and how far it is from the first model in the columns of things that need not have been
// trained on, with 95 % intervals of the paired bootstrap; docs/models.md explains the columns. usage:
// vitrine-model-benchmark LISTS STAMPS MODEL...
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "retrieval.h"
#include "vitrine/embedder.h"
#include "vitrine/error.h"
#include "vitrine/hamming_index.h"
#include "vitrine/ingest.h"
#include "vitrine/rerank.h"

namespace {

using namespace vitrine;
using namespace vitrine::benchmarks;
namespace fs = std::filesystem;

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
  general.stamps = stamps_found(*embedder, photographed_stamps(stamps, lists), Boxes::kFound);
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
