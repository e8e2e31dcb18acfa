// SPDX-License-Identifier: MIT
#pragma once
/// A host's own network together with a learned binarizer (binarizer.h) that makes its codes, and the
/// binarizer's place in a catalogue, so that queries are coded as the items were.
#include <memory>
#include <optional>

#include "vitrine/binarizer.h"
#include "vitrine/catalog.h"
#include "vitrine/embedder.h"

namespace vitrine {

/// Gives the features of `embedder` and codes of them by `binarizer`; whatever codes the embedder gives are
/// not used. The fingerprint says both. ErrorCode::kInvalidArgument if the binarizer is for features of
/// another length. Thread-safe as the embedder.
std::shared_ptr<const Embedder> with_binarizer(std::shared_ptr<const Embedder> embedder, Binarizer binarizer);

/// Keeps the binarizer in the catalogue, with the next commit. ErrorCode::kInvalidArgument if its code length
/// is not the catalogue's, or if there are items, whose codes come from another one.
void store_binarizer(Catalog& catalog, const Binarizer& binarizer);

/// The binarizer that was stored; nothing if none was. Errors: those of Binarizer::from_bytes.
std::optional<Binarizer> stored_binarizer(const Catalog& catalog);

}  // namespace vitrine
