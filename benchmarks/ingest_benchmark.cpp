// SPDX-License-Identifier: MIT
/// How much of the network's own speed is left when pictures are also read, decoded and stored.
///
///   vitrine-ingest-benchmark MODEL.safetensors FOLDER [ROUNDS] [float32|bfloat16|int8]
///
/// In each round, in turn and on all cores: the network alone on the folder's pictures, decoded and resized
/// beforehand, and a whole ingest of the folder into a new catalogue. Prints each round and the
/// median ratios, then what the stages of a picture cost one thread.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <malloc.h>
#include <time.h>

#include "vitrine/catalog.h"
#include "vitrine/embedder.h"
#include "vitrine/error.h"
#include "vitrine/ingest.h"

namespace {

using namespace vitrine;
namespace fs = std::filesystem;

struct Cost {
  double wall_s = 0;
  double cpu_s = 0;  // of all threads: hardly disturbed by other programs
};

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

Cost cost_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu_start = cpu_seconds();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          cpu_seconds() - cpu_start};
}

void on_all_cores(const auto& work) {
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::max(1U, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
  work();
}

std::vector<std::byte> read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

struct Pictures {
  IngestSource source;
  std::vector<std::vector<std::byte>> files;
  std::vector<Image> inputs;  // at the network's size
};

Pictures load(const fs::path& folder, const ModelInfo& model) {
  Pictures pictures{list_folder(folder), {}, {}};
  std::erase_if(pictures.source.entries, [&](const IngestEntry& entry) {
    std::vector<std::byte> bytes = read_bytes(entry.path);
    try {
      const Image photo = Image::decode(bytes, {.min_side_px = model.min_decode_px()});
      pictures.inputs.push_back(resize(photo, model.input_px, model.input_px));
    } catch (const Error&) {
      return true;
    }
    pictures.files.push_back(std::move(bytes));
    return false;
  });
  return pictures;
}

Cost network_alone(const Embedder& embedder, const Pictures& pictures) {
  std::atomic<std::size_t> next = 0;
  return cost_of([&] {
    on_all_cores([&] {
      for (std::size_t i = next++; i < pictures.inputs.size(); i = next++) {
        embedder.embed(std::span(pictures.inputs).subspan(i, 1));
      }
    });
  });
}

Cost whole_ingest(const Embedder& embedder, const Pictures& pictures, const fs::path& scratch) {
  const ModelInfo& model = embedder.info();
  fs::remove_all(scratch);
  Catalog catalog =
      Catalog::create(scratch, {model.fingerprint, model.name, model.code_bits, model.feature_dim});
  return cost_of([&] { ingest(catalog, embedder, pictures.source); });
}

void print_stages(const Embedder& embedder, const Pictures& pictures) {
  const ModelInfo& model = embedder.info();
  const std::size_t count = std::min<std::size_t>(pictures.files.size(), 500);
  const double scale = 1000.0 / static_cast<double>(count);
  std::vector<Image> decoded(count);
  const auto print = [&](const char* stage, const Cost& cost) {
    std::printf("  %-16s %6.3f ms\n", stage, cost.cpu_s * scale);
  };
  std::printf("stages, CPU time on one thread, mean of %zu pictures:\n", count);
  print("read and hash", cost_of([&] {
          for (std::size_t i = 0; i < count; ++i) content_hash(read_bytes(pictures.source.entries[i].path));
        }));
  print("decode", cost_of([&] {
          for (std::size_t i = 0; i < count; ++i)
            decoded[i] = Image::decode(pictures.files[i], {.min_side_px = model.min_decode_px()});
        }));
  print("resize", cost_of([&] {
          for (std::size_t i = 0; i < count; ++i) resize(decoded[i], model.input_px, model.input_px);
        }));
  print("network", cost_of([&] {
          for (std::size_t i = 0; i < count; ++i) embedder.embed(std::span(pictures.inputs).subspan(i, 1));
        }));
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void run(const fs::path& model, const fs::path& folder, int rounds, Precision precision) {
  const auto embedder = load_embedder(model, {precision});
  const Pictures pictures = load(folder, embedder->info());
  const fs::path scratch = fs::temp_directory_path() / "vitrine-ingest-benchmark";
  const auto count = static_cast<double>(pictures.inputs.size());
  std::vector<double> wall_share;
  std::vector<double> cpu_share;
  std::printf("%zu pictures, %u cores; pictures a second and CPU time a picture\n", pictures.inputs.size(),
              std::thread::hardware_concurrency());
  std::printf("round   network alone     whole ingest       share, wall   share, CPU\n");
  network_alone(*embedder, pictures);  // warms up
  for (int round = 1; round <= rounds; ++round) {
    const Cost alone = network_alone(*embedder, pictures);
    const Cost whole = whole_ingest(*embedder, pictures, scratch);
    wall_share.push_back(100 * alone.wall_s / whole.wall_s);
    cpu_share.push_back(100 * alone.cpu_s / whole.cpu_s);
    std::printf("%5d  %5.0f/s %5.2f ms   %5.0f/s %5.2f ms   %10.1f%%  %10.1f%%\n", round,
                count / alone.wall_s, 1000 * alone.cpu_s / count, count / whole.wall_s,
                1000 * whole.cpu_s / count, wall_share.back(), cpu_share.back());
    std::fflush(stdout);
  }
  fs::remove_all(scratch);
  std::printf("median %49.1f%%  %10.1f%%\n", median(wall_share), median(cpu_share));
  print_stages(*embedder, pictures);
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, Precision> precisions{{"auto", Precision::kAuto},
                                                    {"float32", Precision::kFloat32},
                                                    {"bfloat16", Precision::kBfloat16},
                                                    {"int8", Precision::kInt8}};
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 5;
  const std::string precision = argc > 4 ? argv[4] : "auto";
  if (argc < 3 || argc > 5 || rounds < 1 || !precisions.contains(precision)) {
    std::fprintf(stderr, "usage: %s MODEL FOLDER [ROUNDS] [auto|float32|bfloat16|int8]\n", argv[0]);
    return 2;
  }
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);  // as the tools do
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  try {
    run(argv[1], argv[2], rounds, precisions.at(precision));
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
  return 0;
}
