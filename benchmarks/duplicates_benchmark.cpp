// SPDX-License-Identifier: MIT
// What near duplicates look like to a model, and what finding them costs.
//   vitrine-duplicates-benchmark pictures FOLDER MODEL
//     changes every picture of a folder in the ways of shops, and prints how far code and feature move, and
//     how near the nearest other picture is
//   vitrine-duplicates-benchmark rows NUMBER
//     plants near duplicates among synthetic items and prints which of them are found, at what cost
#include <sys/resource.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/parallel.h"
#include "index/random.h"
#include "inventory/duplicate_search.h"
#include "inventory/picture_likeness.h"
#include "vitrine/duplicates.h"
#include "vitrine/embedder.h"
#include "vitrine/error.h"
#include "vitrine/image.h"

namespace {

using namespace vitrine;
using vitrine::benchmarks::Random;
namespace fs = std::filesystem;

Image brightened(const Image& image) {
  Image result = image;
  for (std::uint8_t& value : result.pixels())
    value = static_cast<std::uint8_t>(std::min(255, value * 112 / 100));
  return result;
}

Image mirrored(const Image& image) {
  Image result = image;
  const auto width = static_cast<std::size_t>(image.width_px());
  for (std::size_t y = 0; y < static_cast<std::size_t>(image.height_px()); ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        result.pixels()[(y * width + x) * 3 + c] = image.pixels()[(y * width + width - 1 - x) * 3 + c];
      }
    }
  }
  return result;
}

Image margins_cut(const Image& image, double share) {
  const int dx = static_cast<int>(image.source_width_px() * share);
  const int dy = static_cast<int>(image.source_height_px() * share);
  return crop(image, {dx, dy, image.source_width_px() - dx, image.source_height_px() - dy});
}

// A banner across the lower eighth.
Image with_banner(const Image& image) {
  Image result = image;
  const auto row = static_cast<std::ptrdiff_t>(image.width_px()) * 3;
  const auto first = result.pixels().begin() + row * (image.height_px() * 7 / 8);
  std::fill(first, result.pixels().end(), std::uint8_t{235});
  return result;
}

struct Change {
  const char* name;
  std::function<Image(const Image&)> apply;
};

const std::vector<Change> kChanges = {
    {"saved anew, JPEG quality 40", [](const Image& image) { return Image::decode(encode_jpeg(image, 40)); }},
    {"half the size",
     [](const Image& image) { return resize(image, image.width_px() / 2, image.height_px() / 2); }},
    {"a quarter of the size",
     [](const Image& image) { return resize(image, image.width_px() / 4, image.height_px() / 4); }},
    {"3 % cut from every side", [](const Image& image) { return margins_cut(image, 0.03); }},
    {"8 % cut from every side", [](const Image& image) { return margins_cut(image, 0.08); }},
    {"an eighth brighter", brightened},
    {"banner over an eighth", with_banner},
    {"mirrored", mirrored},
};

struct Likeness {
  double bits;  // share that differs
  double cosine;
  double correlation;
};

// A picture as everything here sees it.
struct Seen {
  Embedding embedding;
  std::optional<inventory::PictureLook> look;
};

Likeness likeness(const Seen& one, const Seen& other) {
  const Embedding& left = one.embedding;
  const Embedding& right = other.embedding;
  std::size_t differing = 0;
  double cosine = 0;
  for (std::size_t i = 0; i < left.code.size(); ++i) {
    differing +=
        static_cast<std::size_t>(std::popcount(std::to_integer<unsigned>(left.code[i] ^ right.code[i])));
  }
  for (std::size_t i = 0; i < left.feature.size(); ++i) cosine += left.feature[i] * right.feature[i];
  const double correlation = one.look && other.look ? one.look->correlation(*other.look) : -1;
  return {static_cast<double>(differing) / static_cast<double>(left.code.size() * 8), cosine, correlation};
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

void print(const std::string& name, const std::vector<Likeness>& found) {
  std::vector<double> bits, cosines, correlations;
  std::size_t num_candidates = 0, num_within = 0;
  const DuplicateOptions limits;
  for (const Likeness& one : found) {
    bits.push_back(one.bits);
    cosines.push_back(one.cosine);
    correlations.push_back(one.correlation);
    const bool is_candidate = one.bits <= limits.max_bit_share && one.cosine >= limits.min_cosine;
    num_candidates += is_candidate ? 1 : 0;
    num_within += is_candidate && one.correlation >= *limits.min_correlation ? 1 : 0;
  }
  const auto percent = [&](std::size_t count) {
    return 100.0 * static_cast<double>(count) / static_cast<double>(found.size());
  };
  std::printf("%-28s  %.3f %.3f   %.3f %.3f   %.3f %.3f   %5.1f %%  %5.1f %%\n", name.c_str(),
              quantile(bits, 0.5), quantile(bits, 0.95), quantile(cosines, 0.5), quantile(cosines, 0.05),
              quantile(correlations, 0.5), quantile(correlations, 0.05), percent(num_candidates),
              percent(num_within));
}

std::vector<Seen> see_all(const Embedder& embedder, const std::vector<Image>& images) {
  std::vector<Seen> seen;
  for (const Embedding& embedding : embedder.embed(images)) {
    seen.push_back({embedding, inventory::PictureLook::of(images[seen.size()])});
  }
  return seen;
}

std::vector<Image> read_all(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Image> images;
  for (const fs::path& file : files) {
    try {
      images.push_back(Image::read(file));
    } catch (const Error&) {
    }
  }
  return images;
}

int measure_pictures(const fs::path& folder, const fs::path& model) {
  const auto embedder = load_embedder(model);
  const std::vector<Image> images = read_all(folder);
  if (images.size() < 2)
    throw Error(ErrorCode::kNotFound, "two pictures are needed in '" + folder.string() + "'");
  const std::vector<Seen> originals = see_all(*embedder, images);
  std::printf("%zu pictures; median and 95th of 100 towards unlike\n%-28s  %-11s   %-11s   %-11s   %s\n",
              images.size(), "", "bits", "cosine", "correlation", "looked at, found");
  for (const Change& change : kChanges) {
    std::vector<Image> changed;
    for (const Image& image : images) changed.push_back(change.apply(image));
    const std::vector<Seen> found = see_all(*embedder, changed);
    std::vector<Likeness> moved;
    for (std::size_t i = 0; i < images.size(); ++i) moved.push_back(likeness(originals[i], found[i]));
    print(change.name, moved);
  }
  std::vector<Likeness> others;
  for (std::size_t i = 0; i < originals.size(); ++i) {
    Likeness nearest{1, -1, -1};
    for (std::size_t j = 0; j < originals.size(); ++j) {
      if (i == j) continue;
      const Likeness one = likeness(originals[i], originals[j]);
      if (one.cosine > nearest.cosine) nearest = one;
    }
    others.push_back(nearest);
  }
  print("nearest other picture", others);
  return 0;
}

// Items in clusters, as products are; every 20th row is another one with a little noise.
constexpr std::size_t kDim = 512;
constexpr std::size_t kClusters = 10'000;
constexpr float kSpread = 0.75F;   // of a cluster's rows, against 1 between clusters
constexpr float kPlanted = 0.10F;  // noise of a planted duplicate: its cosine is about 0.995
constexpr std::size_t kEvery = 20;
constexpr double kMinCosine = 0.98;    // there are no pictures to look at
constexpr double kMaxBitShare = 0.14;  // twice what that cosine means
constexpr std::uint64_t kSeed = 5;

struct Rows {
  std::vector<Half> features;  // [n, kDim]
  std::vector<std::byte> codes;
};

void make_row(std::size_t row, std::size_t num_originals, std::vector<float>& feature,
              std::vector<float>& noise) {
  const std::size_t original = row < num_originals ? row : (row - num_originals) * (kEvery - 1);
  Random cluster(kSeed, Random(kSeed + 1, original).below(kClusters));
  cluster.fill_normal(feature);
  Random(kSeed + 2, original).fill_normal(noise);
  for (std::size_t d = 0; d < kDim; ++d) feature[d] += kSpread * noise[d];
  if (row < num_originals) return;
  Random(kSeed + 3, row).fill_normal(noise);
  for (std::size_t d = 0; d < kDim; ++d) feature[d] += kPlanted * 1.25F * noise[d];
}

Rows make_rows(std::size_t count, std::size_t num_originals, unsigned threads) {
  Rows rows{std::vector<Half>(count * kDim), std::vector<std::byte>(count * kDim / 8)};
  base::for_each_part(threads, count, 1000, [&](std::size_t begin, std::size_t end) {
    std::vector<float> feature(kDim), noise(kDim);
    for (std::size_t row = begin; row < end; ++row) {
      make_row(row, num_originals, feature, noise);
      double sum = 0;
      for (const float x : feature) sum += x * x;
      for (float& x : feature) x /= static_cast<float>(std::sqrt(sum));
      const std::vector<Half> halves = to_half(feature);
      std::copy(halves.begin(), halves.end(),
                rows.features.begin() + static_cast<std::ptrdiff_t>(row * kDim));
      for (std::size_t d = 0; d < kDim; ++d) {
        if (feature[d] > 0) rows.codes[row * kDim / 8 + d / 8] |= std::byte{1} << (d % 8);
      }
    }
  });
  return rows;
}

double peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

int measure_rows(std::size_t count) {
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t num_originals = count - count / kEvery;
  const Rows rows = make_rows(count, num_originals, threads);
  std::vector<RowId> ids(count);
  for (std::size_t i = 0; i < count; ++i) ids[i] = i;
  HammingIndex index({.code_bits = kDim});
  index.upsert_batch(ids, rows.codes);
  if (index.stats().calibrated.empty()) index.optimize(threads);
  const double before_mb = peak_mb();
  const DuplicateOptions options{.max_bit_share = kMaxBitShare, .min_cosine = kMinCosine};
  std::size_t num_found = 0, num_wrong = 0;
  const auto begin = std::chrono::steady_clock::now();
  inventory::group_duplicates(
      {index, ids, kDim, [&](std::size_t row) { return rows.features.data() + row * kDim; }},
      {static_cast<std::uint32_t>(options.max_bit_share * kDim), options.min_cosine, options.target_recall},
      threads,
      [&](std::span<const std::size_t> group) {
        for (std::size_t i = 1; i < group.size(); ++i) {
          const bool right =
              group[i] >= num_originals && (group[i] - num_originals) * (kEvery - 1) == group[0];
          ++(right ? num_found : num_wrong);
        }
      },
      {});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const std::size_t num_planted = count - num_originals;
  std::printf(
      "%zu rows, %zu planted duplicates, %u threads\nrecall %.4f  precision %.4f  %.1f s  %.0f us a row and "
      "thread  memory beside the rows and the index %.0f MB\n",
      count, num_planted, threads, static_cast<double>(num_found) / static_cast<double>(num_planted),
      static_cast<double>(num_found) / std::max(1.0, static_cast<double>(num_found + num_wrong)), seconds,
      1e6 * seconds * threads / static_cast<double>(count), peak_mb() - before_mb);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 3 && words[0] == "pictures") return measure_pictures(words[1], words[2]);
    if (words.size() == 2 && words[0] == "rows") return measure_rows(std::stoul(words[1]));
    std::cerr << "usage: vitrine-duplicates-benchmark pictures FOLDER MODEL | rows NUMBER\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "vitrine-duplicates-benchmark: " << error.what() << "\n";
    return 3;
  }
}
