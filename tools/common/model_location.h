// SPDX-License-Identifier: MIT
#pragma once
/// Where the model comes from when the user names none.
#include <filesystem>
#include <string>
#include <string_view>

#include "vitrine/embedder.h"

namespace vitrine::tools {

/// The model installed beside the tools: <folder of the program>/../share/vitrine/vitrine-base.safetensors.
/// ErrorCode::kNotFound, saying how to name another, if it is not there.
std::filesystem::path installed_model();

/// The spellings of --precision, in the order of the help, and their meaning.
inline constexpr const char* kPrecisionNames[] = {"auto", "float32", "bfloat16", "int8"};
Precision precision_of(std::string_view name);

}  // namespace vitrine::tools
