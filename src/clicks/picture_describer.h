// SPDX-License-Identifier: MIT
#pragma once
/// What every distance needs to know about a picture, computed once and kept while there is room.
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "clicks/item_table.h"
#include "vitrine/clicks.h"
#include "vitrine/embedder.h"

namespace vitrine::clicks {

/// One vector of L2 norm 1 for each feature that is compared.
struct Description {
  std::vector<std::vector<Half>> features;
  std::string failure;  ///< why there are none; empty: there are
};

/// A photo by its path, or an item of the catalogue by its row.
struct Picture {
  std::string photo;      ///< empty: an item
  std::uint32_t row = 0;  ///< of the item
};

/// Describes pictures: the catalogue's model (stored, for items), the second model if there is one, and the
/// layout of colours. Not thread-safe; uses several threads itself.
class PictureDescriber {
 public:
  PictureDescriber(const ItemTable& items, const Embedder& embedder, const MiningOptions& options);

  std::vector<std::string> feature_names() const;

  /// The descriptions, in order. They stay valid as long as the caller holds them.
  std::vector<std::shared_ptr<const Description>> describe(std::span<const Picture> pictures);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Description> description;
  };

  std::shared_ptr<const Description> cached(const std::string& key);
  void keep(const std::string& key, std::shared_ptr<const Description> description);
  /// Describes a batch with the calling thread.
  std::vector<Description> compute(std::span<const Picture> pictures) const;
  Image read(const Picture& picture) const;
  static std::string key_of(const Picture& picture);

  const ItemTable& items_;
  const Embedder& embedder_;
  const MiningOptions& options_;
  unsigned num_threads_;
  std::list<Entry> entries_;  ///< latest used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> entry_of_key_;
};

}  // namespace vitrine::clicks
