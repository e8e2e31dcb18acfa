// SPDX-License-Identifier: MIT
#pragma once
/// Reading files that others may change meanwhile. Bytes are copied, not mapped: a mapped file that shrinks
/// while it is decoded kills the process.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vitrine::engine {

/// What an incremental run compares.
struct FileFacts {
  std::int64_t size_bytes = 0;
  std::int64_t modified_ns = 0;
  friend bool operator==(const FileFacts&, const FileFacts&) = default;
};

struct FileContent {
  FileFacts facts;
  std::vector<std::byte> bytes;
};

/// Size and time of a regular file. ErrorCode::kNotFound, kIo; kInvalidArgument for anything but a regular
/// file.
FileFacts inspect_file(const std::string& path);

/// Facts and bytes of one state of the file. Errors as above, and kResource if it is larger than `max_bytes`.
FileContent read_file(const std::string& path, std::uint64_t max_bytes);

}  // namespace vitrine::engine
