// SPDX-License-Identifier: MIT
#pragma once
/// Picture files as a whole in memory.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace vitrine::image {

/// Reads the whole file, but only if its first bytes are those of a readable format, so that a film is
/// refused without being read. The file is copied rather than mapped: another program may cut it while it is
/// being decoded.
///
/// Errors: kNotFound, kIo; kInvalidArgument if it is no regular file (folders, pipes and devices are not
/// waited for); kResource if it is larger than `max_bytes`; kCorrupt and kUnsupported as detect_format() has
/// it.
std::vector<std::byte> read_picture_file(const std::filesystem::path& path, std::uint64_t max_bytes);

}  // namespace vitrine::image
