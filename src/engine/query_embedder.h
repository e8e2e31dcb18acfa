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
      : options_(std::move(options)),
        is_given_(embedder != nullptr || !options_.model.empty()),
        embedder_(std::move(embedder)) {}

  /// Errors: kNotFound if there is no model, those of load_embedder, kInvalidArgument if the model is not the
  /// catalogue's.
  const Embedder& get(const Catalog& catalog) const;

  /// Whether it can be asked for nothing but what it has: the host's own network, or a model by name.
  bool is_given() const { return is_given_; }
  const EngineOptions& options() const { return options_; }

 private:
  EngineOptions options_;
  bool is_given_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Embedder> embedder_;  ///< set once
};

}  // namespace vitrine::engine
