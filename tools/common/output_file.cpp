// SPDX-License-Identifier: MIT
#include "common/output_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "vitrine/error.h"

namespace vitrine::tools {
namespace {

[[noreturn]] void throw_cannot_write(const std::filesystem::path& path) {
  throw Error(ErrorCode::kIo, "cannot write '" + path.string() + "': " + std::strerror(errno));
}

}  // namespace

OutputFile::OutputFile(std::filesystem::path path)
    : path_(std::move(path)), stream_(path_, std::ios::binary | std::ios::trunc) {
  if (!stream_) {
    throw_cannot_write(path_);
  }
}

void OutputFile::flush() {
  stream_.flush();
  if (!stream_) {
    // A write failed a while ago. Why is forgotten, but the next one fails for the same reason.
    stream_.clear();
    errno = EIO;
    stream_.put('\n').flush();
    throw_cannot_write(path_);
  }
}

void OutputFile::close() {
  flush();
  stream_.close();
  if (!stream_) {
    throw_cannot_write(path_);
  }
}

}  // namespace vitrine::tools
