// SPDX-License-Identifier: MIT
#pragma once
/// The pictures of a batch of changes, read and embedded before the first of them touches the catalogue.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/content_hasher.h"
#include "engine/file_reader.h"
#include "vitrine/changes.h"

namespace vitrine::engine {

/// What is known of the picture of one change.
struct ChangePicture {
  enum class State {
    kNone,      ///< the change has no picture
    kWaiting,   ///< not looked at: the run was stopped
    kFailed,    ///< `failure` says why
    kSameFile,  ///< path, size and time are those that the item has: not read
    kKnown,     ///< hash and facts are set; the content needs no embedding
    kEmbedded   ///< everything is set
  };
  State state = State::kNone;
  std::string failure;
  FileFacts facts;
  ContentHash hash;
  int width_px = 0;
  int height_px = 0;
  std::vector<std::byte> code;
  std::vector<Half> feature;
};

class ChangePictures {
 public:
  /// Reads and embeds what is needed, unless it is stopped earlier. Looks at the catalogue, changes nothing.
  ChangePictures(const Catalog& catalog, const Embedder& embedder, std::span<const ItemChange> changes,
                 const ChangeOptions& options);

  const ChangePicture& of(std::size_t change_index) const { return pictures_[change_index]; }
  /// The picture that was embedded, or failed to be, for all of this content; null if there is none.
  const ChangePicture* with_content(const ContentHash& hash) const;
  std::uint64_t num_embedded() const { return num_embedded_; }

 private:
  void choose(const Catalog& catalog, std::span<const ItemChange> changes);
  bool must_embed(const Catalog& catalog, std::size_t change_index, const ContentHash& hash);

  std::vector<ChangePicture> pictures_;
  std::vector<std::size_t> chosen_;         ///< changes whose pictures must be read
  std::vector<std::string> paths_;          ///< of these
  std::vector<ContentHash> hashes_before_;  ///< of the items that these have now
  std::unordered_set<ItemId> replaced_;     ///< items that may go: no source to share from
  std::unordered_map<ContentHash, std::size_t, ContentHasher> by_content_;  ///< change that stands for it
  std::uint64_t num_embedded_ = 0;
};

}  // namespace vitrine::engine
