// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "vitrine/image.h"

namespace vitrine::tools {

/// The picture as a JPEG inside a "data:" address, its longer side at most `max_side_px`.
std::string thumbnail_uri(const Image& image, int max_side_px);

std::string base64(std::span<const std::byte> bytes);

}  // namespace vitrine::tools
