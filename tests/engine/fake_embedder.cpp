// SPDX-License-Identifier: MIT
#include "engine/fake_embedder.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <utility>

#include "vitrine/error.h"

namespace vitrine::test {
namespace {

constexpr std::size_t kColorsPerChannel = 4;
constexpr std::size_t kBins = kColorsPerChannel * kColorsPerChannel * kColorsPerChannel;
using Projection = std::array<std::array<float, kBins>, kFakeDim>;

const Projection& projection() {
  static const Projection values = [] {
    Projection made{};
    std::mt19937 random(7);
    for (auto& row : made)
      for (float& value : row) value = static_cast<float>(random() % 2001) / 1000.0F - 1.0F;
    return made;
  }();
  return values;
}

/// Spreads each pixel over neighbouring bins, so that features change smoothly with colour.
std::array<float, kBins> histogram(const Image& image) {
  std::array<float, kBins> bins{};
  const std::span<const std::uint8_t> pixels = image.pixels();
  for (std::size_t i = 0; i + 2 < pixels.size(); i += 3) {
    for (std::size_t corner = 0; corner < 8; ++corner) {
      std::size_t bin = 0;
      float weight = 1;
      for (std::size_t channel = 0; channel < 3; ++channel) {
        const float position =
            static_cast<float>(pixels[i + channel]) / 255.0F * (kColorsPerChannel - 1.001F);
        const auto low = static_cast<std::size_t>(position);
        const bool upper = (corner >> channel & 1) != 0;
        const float fraction = position - static_cast<float>(low);
        weight *= upper ? fraction : 1 - fraction;
        bin = bin * kColorsPerChannel + low + (upper ? 1 : 0);
      }
      bins[bin] += weight;
    }
  }
  return bins;
}

}  // namespace

FakeEmbedder::FakeEmbedder(std::vector<std::string> categories) {
  info_.name = "fake";
  info_.fingerprint = "00112233445566778899aabbccddeeff";
  info_.feature_dim = kFakeDim;
  info_.code_bits = kFakeDim;
  info_.input_px = 8;
  info_.categories = std::move(categories);
}

std::vector<Embedding> FakeEmbedder::embed(std::span<const Image> images) const {
  for (const Image& image : images) {
    if (image.empty()) throw Error(ErrorCode::kInvalidArgument, "cannot embed an empty picture");
    if (refused_width_px == image.width_px())
      throw Error(ErrorCode::kInvalidArgument, "cannot embed this picture");
  }
  std::vector<Embedding> embeddings;
  for (const Image& image : images) {
    embeddings.push_back(embed_one(image));
    embeddings.back().box_px = found_box_px;
    embeddings.back().box_score = found_box_px ? 0.75 : 0;
  }
  num_embedded_ += images.size();
  return embeddings;
}

Embedding FakeEmbedder::embed_one(const Image& image) const {
  const std::array<float, kBins> bins = histogram(image);
  Embedding embedding;
  embedding.feature.resize(kFakeDim);
  float squared_norm = 0;
  for (std::size_t i = 0; i < kFakeDim; ++i) {
    for (std::size_t bin = 0; bin < kBins; ++bin) embedding.feature[i] += projection()[i][bin] * bins[bin];
    squared_norm += embedding.feature[i] * embedding.feature[i];
  }
  for (float& value : embedding.feature) value /= std::sqrt(squared_norm);
  // Written out, so that these tests do not depend on the network's library.
  embedding.code.resize(kFakeDim / 8);
  for (std::size_t i = 0; i < kFakeDim; ++i)
    if (embedding.feature[i] > 0) embedding.code[i / 8] |= std::byte{1} << (i % 8);
  // "Category" 0 is for reddish pictures, the others share the rest.
  const std::size_t num_categories = info_.categories.size();
  for (std::size_t i = 0; i < num_categories; ++i) {
    const bool reddish = image.pixels()[0] > image.pixels()[2];
    const auto others = static_cast<float>(num_categories > 1 ? num_categories - 1 : 1);
    embedding.category_probabilities.push_back(i == 0 ? (reddish ? 0.8F : 0.2F)
                                                      : (reddish ? 0.2F : 0.8F) / others);
  }
  return embedding;
}

}  // namespace vitrine::test
