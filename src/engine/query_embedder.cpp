// SPDX-License-Identifier: MIT
#include "engine/query_embedder.h"

#include <filesystem>
#include <optional>

#include "engine/model_check.h"
#include "vitrine/binarized_embedder.h"
#include "vitrine/error.h"

namespace vitrine::engine {

const Embedder& QueryEmbedder::get(const Catalog& catalog) const {
  // Not std::call_once: after an exception it hangs under ThreadSanitizer.
  const std::lock_guard lock(mutex_);
  if (embedder_) return *embedder_;
  const std::filesystem::path model = options_.model.empty() ? catalog.model_path() : options_.model;
  if (model.empty())
    throw Error(ErrorCode::kNotFound, "cannot embed the photo: catalogue '" + catalog.folder().string() +
                                          "' holds no model; name one in EngineOptions::model");
  std::shared_ptr<const Embedder> loaded = options_.load
                                               ? options_.load(model, options_.precision)
                                               : load_embedder(model, {.precision = options_.precision});
  if (std::optional<Binarizer> binarizer = stored_binarizer(catalog))
    loaded = with_binarizer(std::move(loaded), *std::move(binarizer));
  check_model(catalog, loaded->info());
  embedder_ = std::move(loaded);
  return *embedder_;
}

}  // namespace vitrine::engine
