// SPDX-License-Identifier: MIT
#include "vitrine/binarized_embedder.h"

#include <cstdio>
#include <string>
#include <utility>

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
