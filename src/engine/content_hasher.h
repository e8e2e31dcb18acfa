// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>

#include "vitrine/item.h"

namespace vitrine::engine {

/// For hash tables: a content hash needs no mixing.
struct ContentHasher {
  std::size_t operator()(const ContentHash& hash) const { return static_cast<std::size_t>(hash.low); }
};

}  // namespace vitrine::engine
