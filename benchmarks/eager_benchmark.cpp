// SPDX-License-Identifier: MIT
// The inference engine beside LibTorch's eager forward pass (channels last), the same weights, one thread,
// one process. Inputs lie ready in memory, so this is the network alone. usage: vitrine-eager-benchmark MODEL
// [INPUT_PX]
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstdio>
#include <functional>
#include <random>
#include <vector>

#include "network/safetensors.h"
#include "training/batches.h"
#include "training/embedding_network.h"
#include "vitrine/embedder.h"
#include "vitrine/error.h"

namespace {

using namespace vitrine;

constexpr int kBatch = 16;
constexpr int kRuns = 15;

std::vector<Image> random_pictures(int side_px) {
  std::mt19937 random(1);
  std::vector<Image> pictures;
  for (int i = 0; i < kBatch; ++i) {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(side_px) * side_px * 3);
    for (auto& value : pixels) value = static_cast<std::uint8_t>(random());
    pictures.emplace_back(side_px, side_px, std::move(pixels));
  }
  return pictures;
}

// Milliseconds a picture.
double time_once(const std::function<void()>& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count() / kBatch;
}

struct Candidate {
  const char* name;
  std::function<void()> run;
  std::vector<double> times_ms;
};

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s MODEL [INPUT_PX]\n", argv[0]);
    return 2;
  }
  try {
    // Without this LibTorch pays for fresh pages in every layer, and would look worse than it is.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    at::set_num_threads(1);
    std::vector<std::unique_ptr<Embedder>> embedders;
    std::vector<Candidate> candidates;
    const auto file = network::SafetensorsFile::open(argv[1]);
    const int side_px = argc > 2 ? std::atoi(argv[2]) : load_embedder(argv[1])->info().input_px;
    const std::vector<Image> pictures = random_pictures(side_px);
    training::EmbeddingNetwork eager(static_cast<std::int64_t>(load_embedder(argv[1])->info().feature_dim));
    training::load_weights(eager, file);
    training::rest(eager->state());
    const torch::Tensor input = training::to_input(pictures);
    candidates.push_back({"LibTorch eager",
                          [&] {
                            torch::NoGradGuard no_gradient;
                            eager->forward(input);
                          },
                          {}});
    for (const auto& [name, precision] :
         {std::pair{"float32", Precision::kFloat32}, std::pair{"bfloat16", Precision::kBfloat16},
          std::pair{"int8", Precision::kInt8}}) {
      try {
        embedders.push_back(load_embedder(argv[1], {precision}));
      } catch (const Error& error) {
        std::printf("%-16s not available: %s\n", name, error.what());
        continue;
      }
      candidates.push_back(
          {name, [&pictures, embedder = embedders.back().get()] { embedder->embed(pictures); }, {}});
    }
    for (Candidate& candidate : candidates) candidate.run();  // prepares the network
    // In turn, so that a change in the machine's speed meets all of them.
    for (int i = 0; i < kRuns; ++i) {
      for (Candidate& candidate : candidates) candidate.times_ms.push_back(time_once(candidate.run));
    }
    const double reference_ms = median(candidates.front().times_ms);
    std::printf("%d px, batch %d, one thread, median of %d\n", side_px, kBatch, kRuns);
    for (const Candidate& candidate : candidates) {
      const double ms = median(candidate.times_ms);
      std::printf("%-16s %6.2f ms a picture  %5.2f x\n", candidate.name, ms, reference_ms / ms);
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
  return 0;
}
