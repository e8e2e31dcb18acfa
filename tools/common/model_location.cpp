// SPDX-License-Identifier: MIT
#include "common/model_location.h"

#include <system_error>

#include "vitrine/error.h"

namespace vitrine::tools {

std::filesystem::path installed_model() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path model =
      (program.parent_path() / "../share/vitrine/vitrine-base.safetensors").lexically_normal();
  if (error || !std::filesystem::exists(model, error)) {
    throw Error(ErrorCode::kNotFound,
                "there is no model at '" + model.string() +
                    "'; name one with --model FILE or the environment variable VITRINE_MODEL");
  }
  return model;
}

Precision precision_of(std::string_view name) {
  if (name == "float32") {
    return Precision::kFloat32;
  }
  if (name == "bfloat16") {
    return Precision::kBfloat16;
  }
  return name == "int8" ? Precision::kInt8 : Precision::kAuto;
}

}  // namespace vitrine::tools
