// SPDX-License-Identifier: MIT
#pragma once
/// What the library vitrine-onnx.so offers to the tools, which load it when they meet an ONNX file: OpenCV
/// would double the time in which they start. Errors are thrown as by onnx.h.

namespace vitrine::tools {

inline constexpr const char* kOnnxLoadFunction = "vitrine_onnx_load";
inline constexpr const char* kOnnxPackFunction = "vitrine_onnx_pack";

/// The embedder of a network with its own settings, an `Embedder*` for the caller to delete.
using OnnxLoadFunction = void*(const char* model);
/// See pack_onnx_model.
using OnnxPackFunction = void(const char* model, const char* packed);

}  // namespace vitrine::tools
