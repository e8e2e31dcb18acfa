// SPDX-License-Identifier: MIT
#include "onnx_plugin.h"

#include <type_traits>

#include "vitrine/onnx.h"

extern "C" void* vitrine_onnx_load(const char* model) {
  return vitrine::load_onnx_embedder(model, vitrine::read_onnx_settings(model)).release();
}

extern "C" void vitrine_onnx_pack(const char* model, const char* packed) {
  vitrine::pack_onnx_model(model, vitrine::read_onnx_settings(model), packed);
}

// The functions are what their users expect.
static_assert(std::is_same_v<decltype(vitrine_onnx_load), vitrine::tools::OnnxLoadFunction>);
static_assert(std::is_same_v<decltype(vitrine_onnx_pack), vitrine::tools::OnnxPackFunction>);
