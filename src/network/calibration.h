// SPDX-License-Identifier: MIT
#pragma once
/// Finds the value ranges that 8-bit arithmetic needs.
#include <span>
#include <vector>

#include "network/model_file.h"
#include "vitrine/image.h"

namespace vitrine::network {

/// Runs the feature branch of `model` in single precision on whole `pictures` (some hundred of the kinds it
/// will see: photos and catalogue pictures) and returns, for every convolution's output in table order, the
/// range that loses least: values beyond it are clipped, values inside rounded to 8 bits, and the sum of the
/// squared errors is smallest. This is the content of tensor kAbsmaxTensor. Uses the calling thread only; two
/// passes over the pictures. ErrorCode::kInvalidArgument if there is no picture or one is empty.
std::vector<float> calibrate_activation_ranges(const Model& model, std::span<const Image> pictures);

}  // namespace vitrine::network
