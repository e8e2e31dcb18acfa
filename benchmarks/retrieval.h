// SPDX-License-Identifier: MIT
#pragma once
// What the benchmarks of models share: lists of labelled pictures with their embeddings, nearest neighbours,
// and stamps laid on photos.
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vitrine/embedder.h"

namespace vitrine::benchmarks {

// Which part of a picture is described.
enum class Boxes {
  kFound,  // what the model makes of the whole picture
  kWhole,  // all of it: detection off
  kTrue    // the box that a person or the composition says
};

struct BoxedPicture {
  Image image;
  BoxPx box_px;  // the true box; empty if unknown
};

struct Labelled {
  std::vector<Embedding> embeddings;
  std::vector<std::string> products;
  std::vector<std::string> categories;
};

// Embeds make(i) for every i < count, on all cores.
std::vector<Embedding> embed_all(const Embedder& embedder, std::size_t count,
                                 const std::function<BoxedPicture(std::size_t)>& make,
                                 Boxes boxes = Boxes::kFound);

// Embeds the pictures of a manifest.
Labelled embed_list(const Embedder& embedder, const std::filesystem::path& list, Boxes boxes = Boxes::kFound);

double cosine(const Embedding& a, const Embedding& b);

// Gallery indices by descending cosine, the first k.
std::vector<std::size_t> nearest(const Embedding& query, const std::vector<Embedding>& gallery,
                                 std::size_t k);

std::vector<std::size_t> all_of(const Labelled& list);

// Which queries were answered rightly.
using Answers = std::vector<bool>;

double percent(const Answers& answers);

Answers nearest_is_right(const Labelled& queries, const Labelled& gallery,
                         const std::vector<std::size_t>& asked);

// A stamp and the photo on which it is laid.
struct StampQuery {
  std::filesystem::path stamp;
  std::filesystem::path background;
  std::uint64_t seed = 0;
};

// Every stamp of the folder with a photo of LISTS/queries-clothing.csv.
std::vector<StampQuery> photographed_stamps(const std::filesystem::path& stamps,
                                            const std::filesystem::path& lists);

// A stamp as it might be photographed: scaled, turned and laid on a photo, the same for every model.
BoxedPicture photograph(const StampQuery& query);

// Whether each photographed stamp is nearest to the stamp itself.
Answers stamps_found(const Embedder& embedder, const std::vector<StampQuery>& stamps, Boxes boxes);

}  // namespace vitrine::benchmarks
