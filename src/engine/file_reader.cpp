// SPDX-License-Identifier: MIT
#include "engine/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/system_error.h"
#include "vitrine/error.h"

namespace vitrine::engine {
namespace {

class FileHandle {
 public:
  explicit FileHandle(int handle) : handle_(handle) {}
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  ~FileHandle() {
    if (handle_ >= 0) ::close(handle_);
  }
  int get() const { return handle_; }

 private:
  int handle_;
};

FileFacts facts_of(const struct stat& status, const std::string& path) {
  if (!S_ISREG(status.st_mode))
    throw Error(ErrorCode::kInvalidArgument, "cannot read '" + path + "': not a regular file");
  constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
  return {status.st_size, status.st_mtim.tv_sec * kNanosecondsPerSecond + status.st_mtim.tv_nsec};
}

}  // namespace

FileFacts inspect_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) base::throw_errno("inspect", path, errno);
  return facts_of(status, path);
}

FileContent read_file(const std::string& path, std::uint64_t max_bytes) {
  // O_NONBLOCK: opening a named pipe must not wait for its writer.
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) base::throw_errno("open", path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) base::throw_errno("inspect", path, errno);
  FileContent content;
  content.facts = facts_of(status, path);
  if (static_cast<std::uint64_t>(content.facts.size_bytes) > max_bytes)
    throw Error(ErrorCode::kResource, "cannot read '" + path +
                                          "': " + std::to_string(content.facts.size_bytes) +
                                          " bytes, at most " + std::to_string(max_bytes) + " are allowed");
  content.bytes.resize(static_cast<std::size_t>(content.facts.size_bytes));
  std::size_t num_read = 0;
  while (num_read < content.bytes.size()) {
    const ssize_t n = ::read(file.get(), content.bytes.data() + num_read, content.bytes.size() - num_read);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) base::throw_errno("read", path, errno);
    if (n == 0) throw Error(ErrorCode::kIo, "cannot read '" + path + "': it shrank meanwhile; run again");
    num_read += static_cast<std::size_t>(n);
  }
  return content;
}

}  // namespace vitrine::engine
