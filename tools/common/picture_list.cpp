// SPDX-License-Identifier: MIT
#include "common/picture_list.h"

#include <filesystem>
#include <iterator>
#include <utility>

namespace vitrine::tools {

namespace fs = std::filesystem;

void add_pictures(const std::string& word, PictureList& list) {
  std::error_code unreadable;  // left to whoever reads the file
  const bool folder = fs::is_directory(word, unreadable);
  const std::string extension = fs::path(word).extension().string();
  if (!folder && extension != ".csv" && extension != ".jsonl") {
    list.paths.push_back(word);
    return;
  }
  IngestSource source = folder ? list_folder(word) : read_manifest(word);
  for (IngestEntry& entry : source.entries) list.paths.push_back(std::move(entry.path));
  list.failures.insert(list.failures.end(), std::make_move_iterator(source.failures.begin()),
                       std::make_move_iterator(source.failures.end()));
}

}  // namespace vitrine::tools
