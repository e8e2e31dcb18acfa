// SPDX-License-Identifier: MIT
#include "retrieval.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <random>
#include <thread>
#include <utility>

#include "synthesis/cutout.h"
#include "vitrine/ingest.h"

namespace vitrine::benchmarks {

namespace fs = std::filesystem;

namespace {

std::vector<Embedding> embed_batch(const Embedder& embedder, const std::vector<BoxedPicture>& batch,
                                   Boxes boxes) {
  std::vector<Image> images;
  std::vector<BoxPx> boxes_px;
  for (const BoxedPicture& picture : batch) {
    images.push_back(picture.image);
    const BoxPx whole{0, 0, picture.image.source_width_px(), picture.image.source_height_px()};
    boxes_px.push_back(boxes == Boxes::kWhole || picture.box_px.empty() ? whole : picture.box_px);
  }
  return boxes == Boxes::kFound ? embedder.embed(images) : embedder.embed_boxes(images, boxes_px);
}

}  // namespace

std::vector<Embedding> embed_all(const Embedder& embedder, std::size_t count,
                                 const std::function<BoxedPicture(std::size_t)>& make, Boxes boxes) {
  constexpr std::size_t kBatch = 16;
  std::vector<Embedding> result(count);
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t begin = kBatch * next++; begin < count; begin = kBatch * next++) {
      std::vector<BoxedPicture> pictures;
      for (std::size_t i = begin; i < std::min(count, begin + kBatch); ++i) pictures.push_back(make(i));
      std::vector<Embedding> batch = embed_batch(embedder, pictures, boxes);
      std::move(batch.begin(), batch.end(), result.begin() + static_cast<std::ptrdiff_t>(begin));
    }
  };
  std::vector<std::jthread> workers;
  for (unsigned t = 1; t < std::max(1U, std::thread::hardware_concurrency()); ++t) workers.emplace_back(work);
  work();
  return result;
}

Labelled embed_list(const Embedder& embedder, const fs::path& list, Boxes boxes) {
  const IngestSource source = read_manifest(list);
  Labelled result;
  for (const IngestEntry& entry : source.entries) {
    result.products.push_back(entry.key.product);
    result.categories.push_back(entry.category);
  }
  const DecodeOptions options{.min_side_px = embedder.info().min_decode_px()};
  result.embeddings = embed_all(
      embedder, source.entries.size(),
      [&](std::size_t i) {
        return BoxedPicture{Image::read(source.entries[i].path, options), {}};
      },
      boxes);
  return result;
}

double cosine(const Embedding& a, const Embedding& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.feature.size(); ++i) sum += static_cast<double>(a.feature[i]) * b.feature[i];
  return sum;
}

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

std::vector<std::size_t> all_of(const Labelled& list) {
  std::vector<std::size_t> indices(list.products.size());
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
  return indices;
}

double percent(const Answers& answers) {
  const auto num_right = static_cast<double>(std::count(answers.begin(), answers.end(), true));
  return answers.empty() ? std::nan("") : 100 * num_right / static_cast<double>(answers.size());
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

std::vector<StampQuery> photographed_stamps(const fs::path& stamps, const fs::path& lists) {
  std::vector<IngestEntry> entries = list_folder(stamps).entries;
  std::erase_if(entries, [](const IngestEntry& e) { return fs::path(e.path).extension() != ".png"; });
  const std::vector<IngestEntry> backgrounds = read_manifest(lists / "queries-clothing.csv").entries;
  std::vector<StampQuery> queries;
  for (std::size_t i = 0; i < entries.size(); ++i)
    queries.push_back({entries[i].path, backgrounds[i * 7919 % backgrounds.size()].path, i});
  return queries;
}

BoxedPicture photograph(const StampQuery& query) {
  using synthesis::Homography;
  constexpr int kSide = 320;
  std::mt19937_64 random(query.seed);
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * (static_cast<double>(random() >> 11) * 0x1.0p-53);
  };
  const synthesis::Cutout cutout = synthesis::cut_out_from_white(Image::read(query.stamp));
  const Image background = resize(Image::read(query.background), kSide, kSide);
  // A picture of its own: boxes are in its pixels, not in those of the photo that it was made of.
  Image scene(kSide, kSide, {background.pixels().begin(), background.pixels().end()});
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
  const BoxPx true_box = paste(cutout, to_scene.inverse(), scene);
  return {std::move(scene), true_box};
}

Answers stamps_found(const Embedder& embedder, const std::vector<StampQuery>& stamps, Boxes boxes) {
  const auto gallery = embed_all(embedder, stamps.size(), [&](std::size_t i) {
    return BoxedPicture{Image::read(stamps[i].stamp), {}};
  });
  const auto queries = embed_all(
      embedder, stamps.size(), [&](std::size_t i) { return photograph(stamps[i]); }, boxes);
  Answers right;
  for (std::size_t i = 0; i < queries.size(); ++i)
    right.push_back(nearest(queries[i], gallery, 1).front() == i);
  return right;
}

}  // namespace vitrine::benchmarks
