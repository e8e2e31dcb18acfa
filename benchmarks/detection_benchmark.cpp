// SPDX-License-Identifier: MIT
// How well a model finds products, and what that is worth: the overlap of its boxes with true ones, and
// recall with the boxes found, without detection, and with the true boxes. docs/models.md explains the
// figures. usage: vitrine-detection-benchmark LISTS STAMPS MODEL
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "retrieval.h"
#include "vitrine/error.h"
#include "vitrine/ingest.h"

namespace {

using namespace vitrine;
using namespace vitrine::benchmarks;
namespace fs = std::filesystem;

double overlap(const BoxPx& a, const BoxPx& b) {
  const auto area = [](const BoxPx& box) { return box.empty() ? 0.0 : double(box.width()) * box.height(); };
  const double common =
      area({std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)});
  return common / (area(a) + area(b) - common);
}

void print_overlaps(const char* what, const Embedder& embedder, std::size_t count,
                    const std::function<BoxedPicture(std::size_t)>& make) {
  const auto found = embed_all(embedder, count, make);
  double sum = 0;
  double half = 0;
  double three_quarters = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double value = overlap(found[i].box_px.value_or(BoxPx{}), make(i).box_px);
    sum += value;
    half += value > 0.5 ? 1 : 0;
    three_quarters += value > 0.75 ? 1 : 0;
  }
  const auto n = static_cast<double>(count);
  std::printf("%-28s mean IoU %.3f, above 0.5 %5.1f %%, above 0.75 %5.1f %%  (%zu pictures)\n", what, sum / n,
              100 * half / n, 100 * three_quarters / n, count);
}

// LISTS/boxes.csv: a manifest with the true box in the columns x0, y0, x1, y1.
void print_drawn_boxes(const Embedder& embedder, const fs::path& lists) {
  const auto entries = read_manifest(lists / "boxes.csv").entries;
  print_overlaps("boxes drawn by hand", embedder, entries.size(), [&](std::size_t i) {
    const auto edge = [&](const char* name) { return static_cast<int>(entries[i].quality.at(name)); };
    return BoxedPicture{Image::read(entries[i].path), {edge("x0"), edge("y0"), edge("x1"), edge("y1")}};
  });
}

// Gallery and queries both with or without detection, as a model without it would see both.
void print_recall(const Embedder& embedder, const fs::path& lists, Boxes boxes, const char* what) {
  const Labelled queries = embed_list(embedder, lists / "queries.csv", boxes);
  const Labelled shop = embed_list(embedder, lists / "gallery-shop.csv", boxes);
  const Labelled photos = embed_list(embedder, lists / "gallery-photos.csv", boxes);
  std::printf("%-28s shop %5.1f %%, photos %5.1f %%\n", what,
              percent(nearest_is_right(queries, shop, all_of(queries))),
              percent(nearest_is_right(queries, photos, all_of(queries))));
  std::fflush(stdout);
}

// The calling thread's own time, so that other programs do not count.
double thread_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// Milliseconds of computing per picture, the best of several rounds over some photos.
double time_ms(const Embedder& embedder, const std::vector<Image>& pictures, Boxes boxes) {
  std::vector<BoxPx> boxes_px;
  for (const Image& picture : pictures)
    boxes_px.push_back({picture.width_px() / 5, picture.height_px() / 5, picture.width_px() * 4 / 5,
                        picture.height_px() * 4 / 5});
  double best = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 30; ++round) {
    const double start = thread_ms();
    if (boxes == Boxes::kFound) {
      embedder.embed(pictures);
    } else {
      embedder.embed_boxes(pictures, boxes_px);
    }
    best = std::min(best, (thread_ms() - start) / static_cast<double>(pictures.size()));
  }
  return best;
}

void print_cost(const Embedder& embedder, const fs::path& lists) {
  const auto entries = read_manifest(lists / "queries.csv").entries;
  std::vector<Image> pictures;
  for (std::size_t i = 0; i < std::min<std::size_t>(16, entries.size()); ++i)
    pictures.push_back(Image::read(entries[i * 97 % entries.size()].path));
  const double with_ms = time_ms(embedder, pictures, Boxes::kFound);
  const double without_ms = time_ms(embedder, pictures, Boxes::kTrue);
  std::printf("%-28s %.2f ms with, %.2f ms when the box is given: detection adds %.0f %%\n",
              "time per picture", with_ms, without_ms, 100 * (with_ms / without_ms - 1));
}

void run(const fs::path& lists, const fs::path& stamps, const fs::path& model) {
  const auto embedder = load_embedder(model);
  print_cost(*embedder, lists);
  print_drawn_boxes(*embedder, lists);
  const std::vector<StampQuery> stamp_queries = photographed_stamps(stamps, lists);
  print_overlaps("stamps laid on photos", *embedder, stamp_queries.size(),
                 [&](std::size_t i) { return photograph(stamp_queries[i]); });
  std::fflush(stdout);
  print_recall(*embedder, lists, Boxes::kFound, "recall@1, boxes found");
  print_recall(*embedder, lists, Boxes::kWhole, "recall@1, whole pictures");
  for (const auto& [boxes, what] :
       {std::pair{Boxes::kFound, "stamps, boxes found"}, std::pair{Boxes::kWhole, "stamps, whole pictures"},
        std::pair{Boxes::kTrue, "stamps, true boxes"}}) {
    std::printf("%-28s %5.1f %%\n", what, percent(stamps_found(*embedder, stamp_queries, boxes)));
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s LISTS STAMPS MODEL\n", argv[0]);
    return 2;
  }
  try {
    run(argv[1], argv[2], argv[3]);
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
  return 0;
}
