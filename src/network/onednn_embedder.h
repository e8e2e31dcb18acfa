// SPDX-License-Identifier: MIT
#pragma once
/// The Embedder that load_embedder returns, on oneDNN.
#include <memory>

#include "network/model_file.h"
#include "vitrine/embedder.h"

namespace vitrine::network {

/// ErrorCode::kUnsupported if CPU or model cannot do the precision.
std::unique_ptr<Embedder> make_onednn_embedder(Model model, Precision precision);

/// Whether this CPU computes in that precision in hardware and the model holds what it needs; not for kAuto.
bool precision_available(const Model& model, Precision precision);

}  // namespace vitrine::network
