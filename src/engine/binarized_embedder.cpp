// SPDX-License-Identifier: MIT
#include "vitrine/binarized_embedder.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "vitrine/embed_pictures.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

constexpr const char* kBlobName = "binarizer";

std::string hex(const ContentHash& hash) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high),
                static_cast<unsigned long long>(hash.low));
  return text;
}

class BinarizedEmbedder final : public Embedder {
 public:
  BinarizedEmbedder(std::shared_ptr<const Embedder> embedder, Binarizer binarizer)
      : embedder_(std::move(embedder)), binarizer_(std::move(binarizer)), info_(embedder_->info()) {
    if (info_.feature_dim != binarizer_.feature_dim()) {
      throw Error(ErrorCode::kInvalidArgument,
                  "cannot use the binarizer with '" + info_.name + "': it is for features of " +
                      std::to_string(binarizer_.feature_dim()) + " numbers, the network gives " +
                      std::to_string(info_.feature_dim));
    }
    info_.code_bits = binarizer_.code_bits();
    const std::string both = info_.fingerprint + hex(content_hash(binarizer_.to_bytes()));
    info_.fingerprint = hex(content_hash(std::as_bytes(std::span(both))));
  }

  const ModelInfo& info() const override { return info_; }
  std::size_t preferred_batch() const override { return embedder_->preferred_batch(); }
  std::vector<Embedding> embed(std::span<const Image> images) const override {
    return binarized(embedder_->embed(images));
  }
  std::vector<Embedding> embed_boxes(std::span<const Image> images,
                                     std::span<const BoxPx> boxes_px) const override {
    return binarized(embedder_->embed_boxes(images, boxes_px));
  }
  std::vector<FoundBox> find_boxes(const Image& image, const DetectionOptions& options) const override {
    return embedder_->find_boxes(image, options);
  }

 private:
  std::vector<Embedding> binarized(std::vector<Embedding> embeddings) const {
    for (Embedding& embedding : embeddings) embedding.code = binarizer_.apply(embedding.feature);
    return embeddings;
  }

  std::shared_ptr<const Embedder> embedder_;
  Binarizer binarizer_;
  ModelInfo info_;
};

}  // namespace

std::shared_ptr<const Embedder> with_binarizer(std::shared_ptr<const Embedder> embedder,
                                               Binarizer binarizer) {
  if (!embedder) throw Error(ErrorCode::kInvalidArgument, "cannot use a binarizer with a null embedder");
  return std::make_shared<BinarizedEmbedder>(std::move(embedder), std::move(binarizer));
}

Binarizer learn_binarizer(const Embedder& embedder, const IngestSource& source,
                          const LearnBinarizerOptions& options) {
  const std::size_t dim = embedder.info().feature_dim;
  constexpr std::size_t kUsualBits = 512;
  const std::size_t code_bits =
      options.code_bits > 0 ? options.code_bits : std::min(kUsualBits, dim / 64 * 64);
  const std::size_t num_entries = source.entries.size();
  const std::size_t num_pictures = std::min(num_entries, options.max_pictures);
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < num_pictures; ++i)
    paths.push_back(source.entries[i * num_entries / num_pictures].path);
  std::vector<float> features;
  const bool finished = embed_pictures(
      embedder, paths,
      [&](const EmbeddedPicture& picture) {
        features.insert(features.end(), picture.embedding.feature.begin(), picture.embedding.feature.end());
      },
      {.num_threads = options.num_threads, .should_stop = options.should_stop});
  if (!finished) throw Error(ErrorCode::kResource, "learning a binarizer was stopped");
  if (features.empty())
    throw Error(ErrorCode::kInvalidArgument, "cannot learn a binarizer for '" + embedder.info().name +
                                                 "': none of " + std::to_string(num_pictures) +
                                                 " pictures could be read");
  const BinarizerMethod method =
      features.size() / dim < code_bits ? BinarizerMethod::kMedian : BinarizerMethod::kItq;
  return Binarizer::train(features, dim, {.method = method, .code_bits = code_bits});
}

void store_binarizer(Catalog& catalog, const Binarizer& binarizer) {
  const auto refuse = [&](const std::string& reason) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot keep the binarizer in '" + catalog.folder().string() + "': " + reason);
  };
  if (binarizer.code_bits() != catalog.identity().code_bits) {
    refuse("it makes codes of " + std::to_string(binarizer.code_bits()) + " bits, the catalogue's have " +
           std::to_string(catalog.identity().code_bits));
  }
  if (catalog.stats().num_items != 0) refuse("the catalogue has items, whose codes it did not make");
  catalog.set_blob(kBlobName, binarizer.to_bytes());
}

std::optional<Binarizer> stored_binarizer(const Catalog& catalog) {
  const auto bytes = catalog.blob(kBlobName);
  if (!bytes) return std::nullopt;
  return Binarizer::from_bytes(*bytes);
}

}  // namespace vitrine
