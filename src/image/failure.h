// SPDX-License-Identifier: MIT
#pragma once
/// The ways decoding fails, worded alike for all formats.
#include <cstdint>
#include <string_view>

#include "image/decoder.h"
#include "vitrine/error.h"

namespace vitrine::image {

/// ErrorCode::kCorrupt: the file is truncated or damaged. `format` is for example "JPEG", `found` says what
/// is wrong.
[[noreturn]] void throw_corrupt(const Source& source, std::string_view format, std::string_view found);

/// ErrorCode::kUnsupported: the file is valid, but of a kind that is not read.
[[noreturn]] void throw_unsupported(const Source& source, std::string_view format, std::string_view found);

/// ErrorCode::kResource: decoding would need more than the limits allow.
[[noreturn]] void throw_too_large(const Source& source, std::string_view format, std::string_view found);

/// Checks the size that a header announces, before anything is allocated for it: kCorrupt if a side is zero,
/// kResource above `max_pixels` (or above what can be addressed).
void check_size(const Source& source, std::string_view format, std::uint64_t width_px,
                std::uint64_t height_px);

}  // namespace vitrine::image
