// SPDX-License-Identifier: MIT
#pragma once
/// Models of both kinds: Vitrine's own, and networks in ONNX files.
#include <filesystem>
#include <memory>
#include <string_view>

#include "vitrine/engine.h"

namespace vitrine::tools {

/// Whether the file is an ONNX file, by its name or its first bytes.
bool is_onnx(const std::filesystem::path& model);

/// Loads a model of either kind. Errors: those of load_embedder or of onnx.h; kUnsupported for an ONNX file
/// if the tools were built without them, or in another precision than float32.
std::shared_ptr<const Embedder> load_model(const std::filesystem::path& model, Precision precision);

/// Writes an ONNX file with its settings in it, see pack_onnx_model.
void pack_onnx(const std::filesystem::path& model, const std::filesystem::path& packed);

/// Options with which an engine loads its catalogue's model, of whichever kind.
EngineOptions engine_options(std::string_view precision_name);

}  // namespace vitrine::tools
