// SPDX-License-Identifier: MIT
#include "common/model_loading.h"

#include <dlfcn.h>

#include <array>
#include <fstream>
#include <string>

#include "common/model_location.h"
#include "onnx_plugin.h"
#include "vitrine/error.h"

namespace vitrine::tools {
namespace {

namespace fs = std::filesystem;

// A function of the library beside the tools. The library stays loaded: embedders have their code in it.
template <typename Function>
Function* onnx_function(const char* name) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path library =
      (program.parent_path() / ".." / VITRINE_PLUGIN_FOLDER / "vitrine-onnx.so").lexically_normal();
  void* const handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const function = handle == nullptr ? nullptr : ::dlsym(handle, name);
  if (function == nullptr)
    throw Error(ErrorCode::kUnsupported, "these tools cannot read ONNX files: " + std::string(::dlerror()) +
                                             "; build them with VITRINE_BUILD_ONNX");
  return reinterpret_cast<Function*>(function);
}

}  // namespace

bool is_onnx(const fs::path& model) {
  if (model.extension() == ".onnx") return true;
  // An ONNX file begins with its version, field 1; a safetensors file with a length and then a JSON object.
  std::array<char, 9> first{};
  std::ifstream(model, std::ios::binary).read(first.data(), first.size());
  return first.front() == '\x08' && first.back() != '{';
}

std::shared_ptr<const Embedder> load_model(const fs::path& model, Precision precision) {
  if (!is_onnx(model)) return load_embedder(model, {.precision = precision});
  if (precision != Precision::kAuto && precision != Precision::kFloat32)
    throw Error(ErrorCode::kUnsupported, "cannot run the network '" + model.string() +
                                             "' in this precision: ONNX files are computed in float32");
  void* const embedder = onnx_function<OnnxLoadFunction>(kOnnxLoadFunction)(model.c_str());
  return std::shared_ptr<const Embedder>(static_cast<Embedder*>(embedder));
}

void pack_onnx(const fs::path& model, const fs::path& packed) {
  onnx_function<OnnxPackFunction>(kOnnxPackFunction)(model.c_str(), packed.c_str());
}

EngineOptions engine_options(std::string_view precision_name) {
  return {.precision = precision_of(precision_name), .load = load_model};
}

}  // namespace vitrine::tools
