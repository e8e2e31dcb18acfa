// A host that brings its own vectors: 10,000 random unit vectors, sign codes, Hamming search, re-ranking by
// cosine.
#include <vitrine/hamming_index.h>
#include <vitrine/rerank.h>

#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

int main() {
  constexpr std::size_t kDim = 256;
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  vitrine::HammingIndex index({.code_bits = kDim, .kernel = ""});
  std::vector<std::vector<float>> features(10'000, std::vector<float>(kDim));
  std::vector<std::vector<vitrine::Half>> halves;
  std::vector<std::vector<std::byte>> codes(features.size(), std::vector<std::byte>(kDim / 8));
  for (std::size_t id = 0; id < features.size(); ++id) {
    float squares = 0;
    for (float& x : features[id]) squares += (x = normal(random)) * x;
    for (std::size_t i = 0; i < kDim; ++i) {
      features[id][i] /= std::sqrt(squares);
      if (features[id][i] > 0) codes[id][i / 8] |= std::byte(1U << (i % 8));
    }
    halves.push_back(vitrine::to_half(features[id]));
    index.upsert(id, codes[id]);
  }
  const auto candidates = index.search(codes[42], {.k = 100});
  std::vector<const vitrine::Half*> rows;
  for (const auto& candidate : candidates) rows.push_back(halves[candidate.id].data());
  for (const auto& best : vitrine::rerank_by_cosine(features[42], rows, 3)) {
    const auto& hit = candidates[best.candidate_index];
    std::printf("row %llu  distance %u  cosine %.3f\n", static_cast<unsigned long long>(hit.id), hit.distance,
                static_cast<double>(best.cosine));
  }
}
