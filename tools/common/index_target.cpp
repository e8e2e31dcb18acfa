// SPDX-License-Identifier: MIT
#include "common/index_target.h"

#include <optional>
#include <string>
#include <utility>

#include "common/interruption.h"
#include "common/model_loading.h"
#include "common/model_location.h"
#include "vitrine/binarized_embedder.h"
#include "vitrine/error.h"

namespace vitrine::tools {
namespace {

namespace fs = std::filesystem;

CatalogIdentity identity_of(const ModelInfo& model) {
  return {model.fingerprint, model.name, model.code_bits, model.feature_dim};
}

/// Nothing where there is no catalogue, or only what an interrupted creation left, which Catalog::create
/// tidies.
std::optional<Catalog> open_existing(const fs::path& folder) {
  try {
    return Catalog::open(folder, Catalog::Mode::kReadWrite);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    return std::nullopt;
  }
}

/// Removes a file when it goes.
class ScratchFile {
 public:
  explicit ScratchFile(fs::path path) : path_(std::move(path)) {}
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

IndexTarget create_with_onnx(const fs::path& folder, const fs::path& model, const IngestSource& source,
                             const IndexTargetOptions& options) {
  const std::shared_ptr<const Embedder> network = load_model(model, options.precision);
  const Binarizer binarizer = learn_binarizer(
      *network, source, {.num_threads = options.num_threads, .should_stop = interruption_requested});
  std::shared_ptr<const Embedder> embedder = with_binarizer(network, binarizer);
  fs::path packed_name = folder;
  packed_name += ".model";
  const ScratchFile packed(packed_name);
  pack_onnx(model, packed.path());
  Catalog catalog = Catalog::create(folder, identity_of(embedder->info()), packed.path());
  store_binarizer(catalog, binarizer);
  catalog.commit();
  return {std::move(catalog), std::move(embedder)};
}

// The binarizer that a run learned which was killed before it could keep it: the same pictures teach the
// same.
std::optional<Binarizer> learn_again(Catalog& catalog, const std::shared_ptr<const Embedder>& network,
                                     const IngestSource& source, const IndexTargetOptions& options) {
  Binarizer binarizer = learn_binarizer(
      *network, source, {.num_threads = options.num_threads, .should_stop = interruption_requested});
  const std::string made = with_binarizer(network, binarizer)->info().fingerprint;
  if (made != catalog.identity().model_fingerprint) return std::nullopt;
  store_binarizer(catalog, binarizer);
  catalog.commit();
  return binarizer;
}

}  // namespace

IndexTarget open_index_target(const fs::path& folder, const IngestSource& source,
                              const IndexTargetOptions& options) {
  std::optional<Catalog> existing = open_existing(folder);
  if (!existing) {
    const fs::path model = options.model.empty() ? installed_model() : options.model;
    if (is_onnx(model)) return create_with_onnx(folder, model, source, options);
    std::shared_ptr<const Embedder> embedder = load_model(model, options.precision);
    return {Catalog::create(folder, identity_of(embedder->info()), model), std::move(embedder)};
  }
  Catalog& catalog = *existing;
  const fs::path own_model = catalog.model_path();
  const fs::path model =
      !options.model.empty() ? options.model : (own_model.empty() ? installed_model() : own_model);
  std::shared_ptr<const Embedder> embedder = load_model(model, options.precision);
  std::optional<Binarizer> binarizer = stored_binarizer(catalog);
  const bool is_unfinished = !binarizer && is_onnx(model) && catalog.stats().num_items == 0;
  if (is_unfinished) binarizer = learn_again(catalog, embedder, source, options);
  if (binarizer) embedder = with_binarizer(std::move(embedder), *std::move(binarizer));
  const CatalogIdentity& identity = catalog.identity();
  if (embedder->info().fingerprint != identity.model_fingerprint) {
    if (is_unfinished) {
      throw Error(ErrorCode::kUnsupported,
                  "'" + folder.string() +
                      "' is empty: the run that made it ended before it had codes, and these " +
                      "pictures do not give the same ones; delete it and run again");
    }
    throw Error(
        ErrorCode::kUnsupported,
        "'" + folder.string() + "' was made with the model '" + identity.model_name + "' (" +
            identity.model_fingerprint + "), not with '" + embedder->info().name + "' (" +
            embedder->info().fingerprint + ") of '" + model.string() +
            "'; leave out --model to go on with the catalogue's own, or make a new catalogue with -o");
  }
  return {std::move(catalog), std::move(embedder)};
}

}  // namespace vitrine::tools
