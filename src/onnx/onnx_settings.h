// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>

#include "vitrine/onnx.h"

namespace vitrine::onnx {

/// Reads settings from JSON; `source` is named in errors. ErrorCode::kCorrupt, see read_onnx_settings.
OnnxSettings settings_from_json(std::string_view json, const std::string& source);

/// Equal settings give equal text.
std::string to_json(const OnnxSettings& settings);

}  // namespace vitrine::onnx
