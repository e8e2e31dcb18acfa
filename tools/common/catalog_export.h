// SPDX-License-Identifier: MIT
#pragma once
/// A catalogue's items, codes and features in forms that other programs read. docs/cli.md describes the
/// files.
#include <filesystem>
#include <functional>
#include <string_view>

#include "vitrine/catalog.h"

namespace vitrine::tools {

struct ExportOptions {
  unsigned num_threads = 1;
  std::function<bool()> should_stop{};  ///< polled between items
};

/// `format` is npy, faiss or pgvector. The folder appears when it is complete, and nothing is left of one
/// that fails. Errors: kAlreadyExists if there is anything at `folder`, kIo, kResource (disk full, or
/// stopped).
void export_catalog(const Catalog& catalog, const std::filesystem::path& folder, std::string_view format,
                    const ExportOptions& options);

}  // namespace vitrine::tools
