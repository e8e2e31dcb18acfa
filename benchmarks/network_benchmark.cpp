// SPDX-License-Identifier: MIT
/// Speed of the network in every precision, and what the faster ones cost in recall.
///
///   vitrine-network-benchmark WEIGHTS.safetensors [GROCERY_FOLDER]
///
/// WEIGHTS holds features.* of MobileNetV2. GROCERY_FOLDER is a copy of the GroceryStoreDataset; without it
/// ranges are calibrated on noise and recall is not measured.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "network/calibration.h"
#include "network/onednn_embedder.h"
#include "network/safetensors.h"

namespace {

using vitrine::Embedder;
using vitrine::Embedding;
using vitrine::Image;
using vitrine::Precision;
using vitrine::network::Model;

struct NamedPrecision {
  Precision precision;
  const char* name;
};
constexpr NamedPrecision kPrecisions[] = {
    {Precision::kFloat32, "float32"}, {Precision::kBfloat16, "bfloat16"}, {Precision::kInt8, "int8"}};

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// The backbone alone: its feature is the 1280 averages.
Model backbone(const std::filesystem::path& weights) {
  const auto file = vitrine::network::SafetensorsFile::open(weights);
  Model model;
  model.info.name = weights.stem().string();
  model.info.feature_dim = model.info.code_bits =
      static_cast<std::size_t>(vitrine::network::mobilenet_v2().num_features);
  model.backbone = vitrine::network::read_stack(file, vitrine::network::mobilenet_v2().blocks, 0);
  return model;
}

Image noise(int size_px, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(size_px) * static_cast<std::size_t>(size_px) * 3);
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random());
  return {size_px, size_px, std::move(pixels)};
}

/// Milliseconds per picture, the best of several rounds.
double measure_ms(const Embedder& embedder, std::span<const Image> batch, unsigned num_workers) {
  constexpr int kRounds = 7;
  const std::size_t repeats = std::max<std::size_t>(1, 32 / batch.size());
  const auto work = [&] {
    for (std::size_t i = 0; i < repeats; ++i) embedder.embed(batch);
  };
  double best_ms = 1e300;
  for (int round = 0; round < kRounds; ++round) {
    const double start_ms = now_ms();
    std::vector<std::thread> workers;
    for (unsigned i = 1; i < num_workers; ++i) workers.emplace_back(work);
    work();
    for (std::thread& worker : workers) worker.join();
    const double pictures = static_cast<double>(repeats * batch.size() * num_workers);
    best_ms = std::min(best_ms, (now_ms() - start_ms) / pictures);
  }
  return best_ms;
}

void measure_speed(Model model, std::span<const Image> calibration) {
  std::printf("ms per picture; 'first' is preparing the network and embedding one picture\n");
  std::printf("%-9s %5s %8s %8s %10s %8s\n", "precision", "px", "singly", "in 16s", "2 workers", "first");
  for (const int size_px : {128, 160, 192, 224}) {
    model.info.input_px = model.backbone.input_px = size_px;
    model.backbone.activation_absmax = vitrine::network::calibrate_activation_ranges(model, calibration);
    std::vector<Image> pictures;
    for (unsigned i = 0; i < 16; ++i) pictures.push_back(noise(size_px, i));
    for (const auto& [precision, name] : kPrecisions) {
      if (!vitrine::network::precision_available(model, precision)) continue;
      const double start_ms = now_ms();
      const auto embedder = vitrine::network::make_onednn_embedder(model, precision);
      embedder->embed(std::span(pictures).first(1));
      const double first_ms = now_ms() - start_ms;
      const std::span<const Image> all(pictures);
      std::printf("%-9s %5d %8.2f %8.2f %10.2f %8.1f\n", name, size_px,
                  measure_ms(*embedder, all.first(1), 1), measure_ms(*embedder, all, 1),
                  measure_ms(*embedder, all.first(1), 2), first_ms);
      std::fflush(stdout);
    }
  }
}

struct Labelled {
  std::vector<Image> pictures;
  std::vector<int> classes;
};

/// Every `step`-th line of a split: path, fine class, coarse class.
Labelled read_split(const std::filesystem::path& folder, const char* split, int step) {
  Labelled set;
  std::ifstream lines(folder / split);
  std::string line;
  for (int number = 0; std::getline(lines, line); ++number) {
    if (number % step != 0) continue;
    const auto comma = line.find(',');
    set.pictures.push_back(Image::read(folder / line.substr(0, comma), {.min_side_px = 224}));
    set.classes.push_back(std::stoi(line.substr(comma + 1)));
  }
  return set;
}

/// classes.csv: name, number, coarse name, coarse number, path of the shop picture, ...
Labelled read_shop_pictures(const std::filesystem::path& folder) {
  Labelled set;
  std::ifstream lines(folder / "classes.csv");
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::vector<std::string> values;
    for (std::string value; std::getline(fields, value, ',');) values.push_back(value);
    if (values.size() < 5) continue;
    const std::string path = values[4].substr(values[4].find_first_not_of('/'));
    set.pictures.push_back(Image::read(folder / path, {.min_side_px = 224}));
    set.classes.push_back(std::stoi(values[1]));
  }
  return set;
}

void measure_recall(Model model, const std::filesystem::path& folder, const Labelled& queries) {
  const Labelled shop = read_shop_pictures(folder);
  std::printf("\n%zu photos against %zu shop pictures, 224 px\n%-9s %9s %12s %12s\n", queries.pictures.size(),
              shop.pictures.size(), "precision", "recall@1", "mean cosine", "min cosine");
  model.info.input_px = model.backbone.input_px = 224;
  std::vector<Embedding> reference;
  for (const auto& [precision, name] : kPrecisions) {
    if (!vitrine::network::precision_available(model, precision)) continue;
    const auto embedder = vitrine::network::make_onednn_embedder(model, precision);
    const auto items = embedder->embed(shop.pictures);
    const auto found = embedder->embed(queries.pictures);
    if (reference.empty()) reference = found;
    const auto cosine = [](const Embedding& a, const Embedding& b) {
      return std::inner_product(a.feature.begin(), a.feature.end(), b.feature.begin(), 0.0);
    };
    int right = 0;
    double sum = 0;
    double smallest = 1;
    for (std::size_t i = 0; i < found.size(); ++i) {
      std::size_t best = 0;
      for (std::size_t j = 1; j < items.size(); ++j) {
        if (cosine(found[i], items[j]) > cosine(found[i], items[best])) best = j;
      }
      right += shop.classes[best] == queries.classes[i];
      const double likeness = cosine(found[i], reference[i]);
      sum += likeness;
      smallest = std::min(smallest, likeness);
    }
    const auto count = static_cast<double>(found.size());
    std::printf("%-9s %7.2f %% %12.5f %12.5f\n", name, 100 * right / count, sum / count, smallest);
  }
}

int run(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: vitrine-network-benchmark WEIGHTS.safetensors [GROCERY_FOLDER]\n");
    return 2;
  }
  Model model = backbone(argv[1]);
  model.info.input_px = model.backbone.input_px = 224;
  Labelled calibration{{noise(224, 1), noise(224, 2)}, {}};
  if (argc == 3) calibration = read_split(argv[2], "train.txt", 13);
  measure_speed(model, std::span(calibration.pictures).first(2));
  if (argc == 2) return 0;
  model.backbone.activation_absmax =
      vitrine::network::calibrate_activation_ranges(model, calibration.pictures);
  measure_recall(model, argv[2], read_split(argv[2], "test.txt", 5));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vitrine-network-benchmark: %s\n", error.what());
    return 3;
  }
}
