// SPDX-License-Identifier: MIT
#pragma once
/// Which picture format bytes are in: told by their first bytes, never by a file's name.
#include <cstddef>
#include <span>
#include <string_view>

namespace vitrine::image {

enum class Format { kJpeg, kPng, kWebp, kTiff, kBmp };

/// No more than this many bytes of a file are looked at.
inline constexpr std::size_t kFormatHeadBytes = 64;

/// The format of a file that begins with `bytes`. ErrorCode::kCorrupt if there are
/// none, kUnsupported if the format is not read; the message says what the file seems to be.
Format detect_format(std::span<const std::byte> bytes, std::string_view name);

}  // namespace vitrine::image
