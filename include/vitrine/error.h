// SPDX-License-Identifier: MIT
#pragma once
/// The one exception type of Vitrine. Nothing but vitrine::Error and std::bad_alloc leaves the library;
/// exceptions of the libraries underneath are translated where they are called.
#include <stdexcept>
#include <string>
#include <string_view>

namespace vitrine {

/// What the caller can do about a failure.
enum class ErrorCode {
  kInvalidArgument,  ///< the call is wrong: change the arguments
  kNotFound,         ///< the named thing does not exist
  kAlreadyExists,    ///< the name is taken
  kCorrupt,          ///< the bytes read are damaged or not of the expected format
  kIo,               ///< the operating system refused or failed
  kResource,         ///< a limit was met: memory, disk space, pixel cap
  kUnsupported,      ///< valid, but this build or version cannot do it
  kInternal          ///< a defect of Vitrine: please report it
};

/// The lower-case name of a code, for example "invalid_argument".
std::string_view to_string(ErrorCode code);

/// A failure. `what()` says what was attempted, on what, what was expected and what was found.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace vitrine
