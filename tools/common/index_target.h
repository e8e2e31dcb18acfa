// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <memory>

#include "vitrine/catalog.h"
#include "vitrine/embedder.h"
#include "vitrine/ingest.h"

namespace vitrine::tools {

/// The catalogue that vitrine-index works on, open for writing, and what makes its features.
struct IndexTarget {
  Catalog catalog;
  std::shared_ptr<const Embedder> embedder;
};

struct IndexTargetOptions {
  std::filesystem::path model;  ///< empty: the catalogue's own, or the installed one
  Precision precision = Precision::kAuto;
  unsigned num_threads = 0;
};

/// Opens the catalogue or makes a new one. For an ONNX file, a new catalogue also gets a binarizer, learned
/// from some pictures of `source`. ErrorCode::kUnsupported if the catalogue was made with another model.
IndexTarget open_index_target(const std::filesystem::path& folder, const IngestSource& source,
                              const IndexTargetOptions& options);

}  // namespace vitrine::tools
