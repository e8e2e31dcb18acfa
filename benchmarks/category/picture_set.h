// SPDX-License-Identifier: MIT
#pragma once
// Labelled pictures as the model sees them.
#include <filesystem>
#include <string>
#include <vector>

#include "vitrine/category.h"
#include "vitrine/embedder.h"

namespace vitrine::benchmarks {

struct PictureSet {
  std::vector<Embedding> embeddings;
  std::vector<std::string> labels;  // the categories that are predicted
  std::vector<std::string> groups;  // pictures of one group are never fitted and judged at once; empty: none

  std::size_t size() const { return embeddings.size(); }
  void add(const PictureSet& other, std::size_t picture);
};

// Embeds the pictures of a manifest; the column "sender", if there is one, is the group.
PictureSet read_pictures(const Embedder& embedder, const std::filesystem::path& list);
// The products of a manifest's pictures.
std::vector<std::string> products_in(const std::filesystem::path& list);

// The distinct labels, sorted.
std::vector<std::string> names_of(const PictureSet& pictures);

// The `count` pictures of the gallery that are nearest to each query by cosine, nearest first, with indices
// into `names`.
std::vector<std::vector<CategoryNeighbor>> neighbors_of(const PictureSet& queries, const PictureSet& gallery,
                                                        const std::vector<std::string>& names,
                                                        std::size_t count);

}  // namespace vitrine::benchmarks
