// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "vitrine/embed_pictures.h"

namespace vitrine::tools {

/// What is said about each picture.
enum class EmbeddingFields {
  kAll,
  kWithoutVectors  ///< neither code nor feature
};

/// The picture as one line of JSON, schema "vitrine.embedding/1" (docs/cli.md). Bytes of the path that are
/// not UTF-8 become U+FFFD.
std::string embedding_json(const std::string& path, const EmbeddedPicture& picture, const ModelInfo& model,
                           EmbeddingFields fields);

}  // namespace vitrine::tools
