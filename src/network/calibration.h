// SPDX-License-Identifier: MIT
#pragma once
/// Finds the value ranges that 8-bit arithmetic needs.
#include <span>
#include <vector>

#include "network/model_file.h"
#include "vitrine/image.h"

namespace vitrine::network {

/// Runs `model` in single precision on `pictures` (some hundred of the kind it will see) and returns the
/// largest magnitude of every convolution's output, in table order: the content of tensor kAbsmaxTensor. Uses
/// the calling thread only. ErrorCode::kInvalidArgument if there is no picture or one is empty.
std::vector<float> calibrate_activation_ranges(const Model& model, std::span<const Image> pictures);

}  // namespace vitrine::network
