// SPDX-License-Identifier: MIT
// How much of the float top 10 the codes of each method find, by code length. A tenth of the features are
// queries, the others are searched and trained on. usage: vitrine-binarizer-benchmark FEATURES [COPY.fvecs]
// FEATURES is a catalogue or a .fvecs file; COPY receives its features, for vitrine-index-benchmark.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <unordered_set>

#include "index/feature_file.h"
#include "index/stopwatch.h"
#include "index/table.h"
#include "vitrine/binarizer.h"
#include "vitrine/catalog.h"
#include "vitrine/error.h"
#include "vitrine/hamming_index.h"
#include "vitrine/rerank.h"

namespace vitrine::benchmarks {
namespace {

constexpr std::size_t kTop = 10;
// Candidates among which the float order is looked for, as re-ranking does.
constexpr std::size_t kCandidates[] = {10, 50, 200};
constexpr std::size_t kQueryStride = 10;

FeatureTable features_of(const std::filesystem::path& source) {
  if (!std::filesystem::is_directory(source)) return read_features(source);
  const Catalog catalog = Catalog::open(source);
  FeatureTable table{.dim = catalog.identity().feature_dim, .values = {}};
  catalog.for_each_row([&](const Catalog::Row& row) {
    const auto values = to_float({row.feature, table.dim});
    table.values.insert(table.values.end(), values.begin(), values.end());
  });
  return table;
}

struct Split {
  FeatureTable gallery;
  FeatureTable queries;
  std::vector<std::vector<std::size_t>> nearest;  // [queries, kTop]: rows of the gallery by descending cosine
};

std::vector<std::size_t> float_nearest(std::span<const float> query, const FeatureTable& gallery) {
  std::vector<std::pair<float, std::size_t>> order;
  for (std::size_t i = 0; i < gallery.size(); ++i) {
    float dot = 0;
    float norm = 0;
    for (std::size_t d = 0; d < gallery.dim; ++d) {
      const float value = gallery.values[i * gallery.dim + d];
      dot += query[d] * value;
      norm += value * value;
    }
    order.emplace_back(norm > 0 ? -dot / std::sqrt(norm) : 0.0F, i);
  }
  std::partial_sort(order.begin(), order.begin() + kTop, order.end());
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < kTop; ++i) rows.push_back(order[i].second);
  return rows;
}

Split split(const FeatureTable& features) {
  Split result{.gallery = {.dim = features.dim, .values = {}},
               .queries = {.dim = features.dim, .values = {}},
               .nearest = {}};
  for (std::size_t i = 0; i < features.size(); ++i) {
    auto& part = i % kQueryStride == 0 ? result.queries : result.gallery;
    const auto row = std::span(features.values).subspan(i * features.dim, features.dim);
    part.values.insert(part.values.end(), row.begin(), row.end());
  }
  for (std::size_t q = 0; q < result.queries.size(); ++q) {
    const auto query = std::span(result.queries.values).subspan(q * features.dim, features.dim);
    result.nearest.push_back(float_nearest(query, result.gallery));
  }
  return result;
}

// Share of the float top 10 among the first `kCandidates` by code, one figure each.
std::vector<double> recalls(const Split& data, const Binarizer& binarizer) {
  HammingIndex index({.code_bits = binarizer.code_bits()});
  const std::size_t code_bytes = binarizer.code_bits() / 8;
  const auto codes = binarizer.apply_batch(data.gallery.values);
  for (std::size_t i = 0; i < data.gallery.size(); ++i) {
    index.upsert(i, std::span(codes).subspan(i * code_bytes, code_bytes));
  }
  const auto queries = binarizer.apply_batch(data.queries.values);
  std::vector<double> result;
  for (const std::size_t k : kCandidates) {
    double found = 0;
    for (std::size_t q = 0; q < data.queries.size(); ++q) {
      std::unordered_set<RowId> candidates;
      for (const Neighbor& neighbor :
           index.search(std::span(queries).subspan(q * code_bytes, code_bytes), {.k = k})) {
        candidates.insert(neighbor.id);
      }
      for (const std::size_t row : data.nearest[q]) found += candidates.contains(row) ? 1 : 0;
    }
    result.push_back(found / static_cast<double>(kTop * data.queries.size()));
  }
  return result;
}

void compare(const FeatureTable& features) {
  const Split data = split(features);
  Table table{.name = "binarizers",
              .title = std::to_string(data.gallery.size()) + " features of " + std::to_string(features.dim) +
                       " dimensions, " + std::to_string(data.queries.size()) +
                       " queries: share of the float top 10 among the first k by code",
              .columns = {"method", "bits", "k = 10", "k = 50", "k = 200", "training s", "us a feature"}};
  for (std::size_t bits = 64; bits <= std::min<std::size_t>(features.dim, 4096); bits *= 2) {
    for (const auto method : {BinarizerMethod::kSign, BinarizerMethod::kMedian, BinarizerMethod::kItq}) {
      const Stopwatch training;
      const auto binarizer =
          Binarizer::train(data.gallery.values, features.dim, {.method = method, .code_bits = bits});
      const double training_seconds = training.cpu_seconds();
      const Stopwatch applying;
      binarizer.apply_batch(data.queries.values);
      const double apply_seconds = applying.cpu_seconds() / static_cast<double>(data.queries.size());
      const auto found = recalls(data, binarizer);
      table.rows.push_back({std::string(to_string(method)), Number{static_cast<double>(bits), 0},
                            Number{found[0], 3}, Number{found[1], 3}, Number{found[2], 3},
                            Number{training_seconds, 2}, Number{1e6 * apply_seconds, 1}});
    }
  }
  print(table, std::cout);
}

}  // namespace
}  // namespace vitrine::benchmarks

int main(int argc, char** argv) {
  using namespace vitrine::benchmarks;
  if (argc != 2 && argc != 3) {
    std::fprintf(stderr, "usage: %s FEATURES [COPY.fvecs]\n", argv[0]);
    return 2;
  }
  try {
    const FeatureTable features = features_of(argv[1]);
    if (features.dim < 64 || features.size() < 100) {
      std::fprintf(stderr, "%s: expected at least 100 features of 64 dimensions or more\n", argv[0]);
      return 3;
    }
    if (argc == 3) write_features(argv[2], features);
    compare(features);
  } catch (const vitrine::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
  return 0;
}
