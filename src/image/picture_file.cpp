// SPDX-License-Identifier: MIT
#include "image/picture_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <string>

#include "base/system_error.h"
#include "image/format.h"

namespace vitrine::image {
namespace {

class FileDescriptor {
 public:
  // O_NONBLOCK: opening a pipe that nobody writes to must not wait.
  explicit FileDescriptor(const std::filesystem::path& path)
      : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
    if (number_ < 0) base::throw_errno("open", path, errno);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { ::close(number_); }
  int number() const { return number_; }

 private:
  int number_;
};

std::uint64_t regular_file_size(const FileDescriptor& file, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) base::throw_errno("inspect", path, errno);
  if (!S_ISREG(status.st_mode)) {
    const char* kind = S_ISDIR(status.st_mode) ? "a folder" : "not a regular file";
    throw Error(ErrorCode::kInvalidArgument, "cannot read '" + path.string() + "': it is " + kind);
  }
  return static_cast<std::uint64_t>(status.st_size);
}

/// Fills `bytes`, or less of it if the file ends earlier; returns the number of bytes read.
std::size_t read_up_to(const FileDescriptor& file, const std::filesystem::path& path,
                       std::span<std::byte> bytes) {
  std::size_t num_read = 0;
  while (num_read < bytes.size()) {
    const ::ssize_t result = ::read(file.number(), bytes.data() + num_read, bytes.size() - num_read);
    if (result == 0) break;
    if (result > 0) {
      num_read += static_cast<std::size_t>(result);
    } else if (errno != EINTR) {
      base::throw_errno("read", path, errno);
    }
  }
  return num_read;
}

}  // namespace

std::vector<std::byte> read_picture_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const FileDescriptor file(path);
  const std::uint64_t size_bytes = regular_file_size(file, path);
  std::vector<std::byte> bytes(std::min<std::uint64_t>(size_bytes, kFormatHeadBytes));
  bytes.resize(read_up_to(file, path, bytes));
  detect_format(bytes, path.native());
  if (size_bytes > max_bytes) {
    throw Error(ErrorCode::kResource,
                "cannot read '" + path.string() + "': it has " + std::to_string(size_bytes) +
                    " bytes, more than a picture of DecodeOptions::max_pixels can need");
  }
  const std::size_t num_head = bytes.size();
  if (size_bytes > num_head) bytes.resize(size_bytes);
  bytes.resize(num_head + read_up_to(file, path, std::span(bytes).subspan(num_head)));
  return bytes;
}

}  // namespace vitrine::image
