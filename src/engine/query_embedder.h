// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <mutex>
#include <utility>

#include "vitrine/catalog.h"
#include "vitrine/embedder.h"
#include "vitrine/engine.h"

namespace vitrine::engine {

/// The network for queries, loaded when first needed. All calls may run concurrently.
class QueryEmbedder {
 public:
  /// `embedder` is the host's own, or null: the model that the options or the catalogue name.
  QueryEmbedder(EngineOptions options, std::shared_ptr<const Embedder> embedder)
      : options_(std::move(options)), embedder_(std::move(embedder)) {}

  /// Errors: kNotFound if there is no model, those of load_embedder, kInvalidArgument if the model is not the
  /// catalogue's.
  const Embedder& get(const Catalog& catalog) const;

 private:
  EngineOptions options_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Embedder> embedder_;  ///< set once
};

}  // namespace vitrine::engine
