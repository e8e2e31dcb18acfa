// SPDX-License-Identifier: MIT
#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/system_error.h"

namespace vitrine::base {

MappedFile::MappedFile(const std::filesystem::path& path, Access access) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw_errno("open", path, errno);
  struct stat status {};
  if (::fstat(file, &status) != 0) {
    const int error_number = errno;
    ::close(file);
    throw_errno("inspect", path, error_number);
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(file);
    throw Error(ErrorCode::kInvalidArgument, "cannot read '" + path.string() + "': not a regular file");
  }
  const auto size_bytes = static_cast<std::size_t>(status.st_size);
  if (size_bytes > 0) {
    // A private copy needs memory only for pages that are written to, so none is set aside.
    const int protection = access == Access::kPrivateCopy ? PROT_READ | PROT_WRITE : PROT_READ;
    void* address = ::mmap(nullptr, size_bytes, protection, MAP_PRIVATE | MAP_NORESERVE, file, 0);
    const int error_number = errno;
    if (address == MAP_FAILED) {
      ::close(file);
      throw_errno("map", path, error_number);
    }
    bytes_ = {static_cast<std::byte*>(address), size_bytes};
  }
  ::close(file);
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this != &other) {
    unmap();
    bytes_ = std::exchange(other.bytes_, {});
  }
  return *this;
}

MappedFile::~MappedFile() {
  unmap();
}

void MappedFile::unmap() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace vitrine::base
