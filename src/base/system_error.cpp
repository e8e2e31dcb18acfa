// SPDX-License-Identifier: MIT
#include "base/system_error.h"

#include <cerrno>
#include <string>
#include <system_error>

namespace vitrine::base {

ErrorCode code_of_errno(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::kNotFound;
    case EEXIST:
      return ErrorCode::kAlreadyExists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return ErrorCode::kResource;
    default:
      return ErrorCode::kIo;
  }
}

namespace {

std::string_view advice_for(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "; free some space and run the same command again";
    case EACCES:
    case EPERM:
      return "; check the permissions of the file and of its folders";
    case EROFS:
      return "; the file system is mounted read-only, choose another place";
    default:
      return "";
  }
}

}  // namespace

void throw_errno(std::string_view attempt, const std::filesystem::path& path, int error_number) {
  std::string message = "cannot " + std::string(attempt) + " '" + path.string() +
                        "': " + std::generic_category().message(error_number);
  message += advice_for(error_number);
  throw Error(code_of_errno(error_number), message);
}

}  // namespace vitrine::base
