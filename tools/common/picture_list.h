// SPDX-License-Identifier: MIT
#pragma once
/// Which pictures the words of a command line mean.
#include <string>
#include <vector>

#include "vitrine/ingest.h"

namespace vitrine::tools {

struct PictureList {
  std::vector<std::string> paths;
  std::vector<IngestFailure> failures;  ///< unreadable folders, bad lines of manifests
};

/// Adds what a word names: the pictures of a folder, those of a manifest (.csv or .jsonl), or the file
/// itself. Errors: those of list_folder and read_manifest.
void add_pictures(const std::string& word, PictureList& list);

}  // namespace vitrine::tools
