// SPDX-License-Identifier: MIT
#include "base/temporary_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/system_error.h"
#include "vitrine/error.h"

namespace vitrine::base {
namespace {

constexpr int kMaxAttempts = 100;

}  // namespace

TemporaryFile::TemporaryFile(const std::filesystem::path& target) : target_(target) {
  std::error_code ignored;  // whatever is wrong with the folder, opening tells
  const std::filesystem::file_status there = std::filesystem::status(target, ignored);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    throw Error(ErrorCode::kInvalidArgument, "cannot write '" + target.string() +
                                                 "': expected a file or a name that is free, found a folder, "
                                                 "device or pipe, which would be replaced");
  }
  // A name is taken if another writer is at work or died here; a few are tried.
  for (int attempt = 0; file_ < 0; ++attempt) {
    path_ = target;
    path_ += ".tmp" + std::to_string(attempt);
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_ < 0 && (errno != EEXIST || attempt == kMaxAttempts)) throw_errno("create", path_, errno);
  }
}

TemporaryFile::~TemporaryFile() {
  if (file_ >= 0) ::close(file_);
  if (!renamed_) ::unlink(path_.c_str());
}

void TemporaryFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_errno("write", path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void TemporaryFile::write_at(std::uint64_t offset_bytes, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset_bytes));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_errno("write", path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset_bytes += static_cast<std::uint64_t>(written);
  }
}

void TemporaryFile::commit() {
  if (::fsync(file_) != 0) throw_errno("sync", path_, errno);
  const int closed = ::close(std::exchange(file_, -1));
  if (closed != 0) throw_errno("close", path_, errno);
  if (::rename(path_.c_str(), target_.c_str()) != 0) throw_errno("replace", target_, errno);
  renamed_ = true;
  sync_folder();
}

void TemporaryFile::sync_folder() const {
  const std::filesystem::path folder = target_.has_parent_path() ? target_.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw_errno("open", folder, errno);
  const int synced = ::fsync(descriptor);
  const int error_number = errno;
  ::close(descriptor);
  if (synced != 0) throw_errno("sync", folder, error_number);
}

}  // namespace vitrine::base
