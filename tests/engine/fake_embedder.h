// SPDX-License-Identifier: MIT
#pragma once
/// An embedder without a network: a histogram of colours, projected. Similar colours give similar features.
#include <atomic>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "vitrine/embedder.h"

namespace vitrine::test {

inline constexpr std::size_t kFakeDim = 64;

class FakeEmbedder : public Embedder {
 public:
  explicit FakeEmbedder(std::vector<std::string> categories = {});

  const ModelInfo& info() const override { return info_; }
  std::vector<Embedding> embed(std::span<const Image> images) const override;
  std::vector<FoundBox> find_boxes(const Image& /*image*/,
                                   const DetectionOptions& /*options*/) const override {
    return objects;
  }
  std::size_t preferred_batch() const override { return 4; }

  /// Number of pictures embedded so far.
  std::size_t num_embedded() const { return num_embedded_; }

  ModelInfo& info_for_changes() { return info_; }
  /// A picture of this width is refused, like one that a network cannot take.
  std::optional<int> refused_width_px;
  /// Reported as the place of the product in every picture.
  std::optional<BoxPx> found_box_px;
  /// Reported as the products in every picture.
  std::vector<FoundBox> objects;

 private:
  Embedding embed_one(const Image& image) const;

  ModelInfo info_;
  mutable std::atomic<std::size_t> num_embedded_ = 0;
};

}  // namespace vitrine::test
