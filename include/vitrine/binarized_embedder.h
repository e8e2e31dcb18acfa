// SPDX-License-Identifier: MIT
#pragma once
/// A host's own network together with a learned binarizer (binarizer.h) that makes its codes, and the
/// binarizer's place in a catalogue, so that queries are coded as the items were.
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "vitrine/binarizer.h"
#include "vitrine/catalog.h"
#include "vitrine/embedder.h"
#include "vitrine/ingest.h"

namespace vitrine {

/// Gives the features of `embedder` and codes of them by `binarizer`; whatever codes the embedder gives are
/// not used. The fingerprint says both. ErrorCode::kInvalidArgument if the binarizer is for features of
/// another length. Thread-safe as the embedder.
std::shared_ptr<const Embedder> with_binarizer(std::shared_ptr<const Embedder> embedder, Binarizer binarizer);

struct LearnBinarizerOptions {
  /// Length of the codes: a multiple of 64 from 64 to 4096, at most the feature's; 0: as near to 512 as that
  /// allows.
  std::size_t code_bits = 0;
  /// Most pictures to learn from, spread evenly over the source.
  std::size_t max_pictures = 5000;
  /// Worker threads; 0: one per core.
  unsigned num_threads = 0;
  /// Polled between pictures; true ends the work with ErrorCode::kResource.
  std::function<bool()> should_stop{};
};

/// Learns a binarizer for the embedder's features from pictures of `source`: ITQ, or medians where there are
/// fewer pictures than bits. Pictures that cannot be read are passed over. ErrorCode::kInvalidArgument if not
/// one can be read, or for options out of range.
Binarizer learn_binarizer(const Embedder& embedder, const IngestSource& source,
                          const LearnBinarizerOptions& options = {});

/// Keeps the binarizer in the catalogue, with the next commit. ErrorCode::kInvalidArgument if its code length
/// is not the catalogue's, or if there are items, whose codes come from another one.
void store_binarizer(Catalog& catalog, const Binarizer& binarizer);

/// The binarizer that was stored; nothing if none was. Errors: those of Binarizer::from_bytes.
std::optional<Binarizer> stored_binarizer(const Catalog& catalog);

}  // namespace vitrine
