// SPDX-License-Identifier: MIT
#include "catalog/writer_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <string>

#include "base/system_error.h"

namespace vitrine::catalog {
namespace {

std::string own_note() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 32> since{};
  std::strftime(since.data(), since.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return "process " + std::to_string(::getpid()) + " since " + since.data() + "\n";
}

std::string holder_note(int descriptor) {
  std::array<char, 128> text{};
  const ssize_t length = ::pread(descriptor, text.data(), text.size(), 0);
  std::string note(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  note = note.substr(0, note.find('\n'));
  return note.empty() ? "another process" : note;
}

}  // namespace

// flock and not fcntl's record locks: those would let two objects of one process write, and closing any
// descriptor of the file would drop them.
WriterLock::WriterLock(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kLockName;
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) base::throw_errno("open for writing", file, errno);
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int error_number = errno;
    if (error_number == EINTR) continue;
    const std::string holder = error_number == EWOULDBLOCK ? holder_note(descriptor_) : "";
    ::close(descriptor_);
    if (error_number != EWOULDBLOCK) base::throw_errno("lock", file, error_number);
    throw Error(ErrorCode::kResource, "cannot write to the catalogue '" + folder.string() +
                                          "': it is held by " + holder + "; wait for it to end");
  }
  // The note only serves messages: a full disk must not keep a writer from freeing space.
  const std::string note = own_note();
  if (::ftruncate(descriptor_, 0) == 0) {
    [[maybe_unused]] const ssize_t written = ::pwrite(descriptor_, note.data(), note.size(), 0);
  }
}

WriterLock::~WriterLock() {
  ::close(descriptor_);
}

}  // namespace vitrine::catalog
