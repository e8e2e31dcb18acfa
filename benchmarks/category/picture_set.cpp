// SPDX-License-Identifier: MIT
#include "category/picture_set.h"

#include <algorithm>
#include <set>
#include <thread>

#include "base/parallel.h"
#include "retrieval.h"
#include "vitrine/ingest.h"

namespace vitrine::benchmarks {

void PictureSet::add(const PictureSet& other, std::size_t picture) {
  embeddings.push_back(other.embeddings[picture]);
  labels.push_back(other.labels[picture]);
  groups.push_back(other.groups[picture]);
}

PictureSet read_pictures(const Embedder& embedder, const std::filesystem::path& list) {
  const Labelled read = embed_list(embedder, list);
  PictureSet pictures{read.embeddings, read.categories, {}};
  for (const IngestEntry& entry : read_manifest(list).entries) {
    const auto sender = entry.quality.find("sender");
    pictures.groups.push_back(sender == entry.quality.end() ? "" : std::to_string(sender->second));
  }
  return pictures;
}

std::vector<std::string> products_in(const std::filesystem::path& list) {
  std::vector<std::string> products;
  for (const IngestEntry& entry : read_manifest(list).entries) products.push_back(entry.key.product);
  return products;
}

std::vector<std::string> names_of(const PictureSet& pictures) {
  const std::set<std::string> names(pictures.labels.begin(), pictures.labels.end());
  return {names.begin(), names.end()};
}

std::vector<std::vector<CategoryNeighbor>> neighbors_of(const PictureSet& queries, const PictureSet& gallery,
                                                        const std::vector<std::string>& names,
                                                        std::size_t count) {
  std::vector<std::vector<CategoryNeighbor>> result(queries.size());
  base::for_each_part(
      std::max(1U, std::thread::hardware_concurrency()), queries.size(), 16,
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t q = begin; q < end; ++q) {
          for (const std::size_t i : nearest(queries.embeddings[q], gallery.embeddings, count)) {
            const auto place = std::lower_bound(names.begin(), names.end(), gallery.labels[i]);
            result[q].push_back({static_cast<std::uint32_t>(place - names.begin()),
                                 cosine(queries.embeddings[q], gallery.embeddings[i])});
          }
        }
      });
  return result;
}

}  // namespace vitrine::benchmarks
