// SPDX-License-Identifier: MIT
#pragma once
/// Names a model by its content.
#include <string>

#include "network/safetensors.h"

namespace vitrine::network {

/// 32 hex digits of XXH3-128 over metadata and tensors, independent of their order in the file. Left out is
/// what does not change what a feature means: the file's checksum and the quantisation ranges, which only
/// steer rounding.
std::string model_fingerprint(const SafetensorsFile& file);

}  // namespace vitrine::network
