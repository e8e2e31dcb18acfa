// SPDX-License-Identifier: MIT
#include "base/temporary_folder.h"

#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/system_error.h"
#include "vitrine/error.h"

namespace vitrine::base {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxAttempts = 100;

// A name that ends in a separator has no last part to put a suffix to.
fs::path without_separator(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

void check_absent(const fs::path& path) {
  std::error_code error;
  if (fs::symlink_status(path, error).type() == fs::file_type::not_found) return;
  throw Error(ErrorCode::kAlreadyExists,
              "cannot make '" + path.string() + "': there is one already; remove it, or choose another name");
}

}  // namespace

TemporaryFolder::TemporaryFolder(const fs::path& target, Files& files)
    : files_(files), target_(without_separator(target)) {
  check_absent(target_);
  for (int attempt = 0;; ++attempt) {
    path_ = target_;
    path_ += ".tmp" + std::to_string(attempt);
    if (::mkdir(path_.c_str(), 0777) == 0) return;
    if (errno != EEXIST || attempt == kMaxAttempts) throw_errno("make the folder", path_, errno);
  }
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!renamed_) fs::remove_all(path_, ignored);
}

void TemporaryFolder::commit() {
  files_.sync_folder(path_);
  check_absent(target_);
  files_.rename(path_, target_);
  renamed_ = true;
  files_.sync_folder(target_.has_parent_path() ? target_.parent_path() : ".");
}

}  // namespace vitrine::base
