// SPDX-License-Identifier: MIT
#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/system_error.h"
#include "vitrine/error.h"

namespace vitrine::base {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(number_); }
  int number() const { return number_; }

 private:
  int number_;
};

class SystemOutputFile final : public OutputFile {
 public:
  SystemOutputFile(std::filesystem::path path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}

  void write_at(std::uint64_t offset_bytes, std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t written =
          ::pwrite(descriptor_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset_bytes));
      if (written < 0) {
        if (errno == EINTR) continue;
        throw_errno("write to", path_, errno);
      }
      offset_bytes += static_cast<std::uint64_t>(written);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }

  void truncate(std::uint64_t length_bytes) override {
    if (::ftruncate(descriptor_.number(), static_cast<off_t>(length_bytes)) != 0) {
      throw_errno("change the length of", path_, errno);
    }
  }

  void sync() override {
    if (::fdatasync(descriptor_.number()) != 0) throw_errno("sync", path_, errno);
  }

 private:
  std::filesystem::path path_;
  Descriptor descriptor_;
};

class SystemFiles final : public Files {
 public:
  std::unique_ptr<OutputFile> open(const std::filesystem::path& path, Existence existence) override {
    const int flags = O_WRONLY | O_CLOEXEC | (existence == Existence::kMayCreate ? O_CREAT : 0);
    const int descriptor = ::open(path.c_str(), flags, 0666);
    if (descriptor < 0) throw_errno("open for writing", path, errno);
    return std::make_unique<SystemOutputFile>(path, descriptor);
  }

  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) throw_errno("move into place", to, errno);
  }

  void exchange(const std::filesystem::path& one, const std::filesystem::path& other) override {
    if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0) return;
    if (errno == EINVAL || errno == ENOSYS) {
      throw Error(ErrorCode::kUnsupported, "cannot exchange '" + one.string() + "' with '" + other.string() +
                                               "': their file system cannot do that in one step");
    }
    throw_errno("exchange with '" + other.string() + "' the folder", one, errno);
  }

  void remove(const std::filesystem::path& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw_errno("remove", path, errno);
  }

  void make_folder(const std::filesystem::path& path) override {
    if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) throw_errno("make the folder", path, errno);
  }

  void sync_folder(const std::filesystem::path& folder) override {
    const int number = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (number < 0) throw_errno("open", folder, errno);
    const Descriptor descriptor(number);
    // Some network file systems cannot sync a folder and say EINVAL; there is nothing more to be done there.
    if (::fsync(number) != 0 && errno != EINVAL) throw_errno("sync", folder, errno);
  }
};

}  // namespace

Files& system_files() {
  static SystemFiles files;
  return files;
}

}  // namespace vitrine::base
