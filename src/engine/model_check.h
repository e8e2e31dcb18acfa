// SPDX-License-Identifier: MIT
#pragma once
#include "vitrine/catalog.h"
#include "vitrine/embedder.h"

namespace vitrine::engine {

/// Features of two models cannot be compared. ErrorCode::kInvalidArgument unless `model` is the one that the
/// catalogue was made with.
void check_model(const Catalog& catalog, const ModelInfo& model);

}  // namespace vitrine::engine
