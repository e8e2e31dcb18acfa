// SPDX-License-Identifier: MIT
#pragma once
/// The model file kept inside a catalogue.
#include <filesystem>
#include <vector>

#include "base/files.h"
#include "catalog/schema.h"

namespace vitrine::catalog {

/// Copies the file durably (without the folder entry) and notes its size and hash in `facts`.
void copy_model(base::Files& files, const std::filesystem::path& from, const std::filesystem::path& to,
                Facts& facts);

/// Appends what differs from the facts.
void verify_model(const std::filesystem::path& file, const Facts& facts,
                  std::vector<CatalogProblem>& problems);

}  // namespace vitrine::catalog
