// SPDX-License-Identifier: MIT
#pragma once
/// Turns errno into vitrine::Error.
#include <filesystem>
#include <string_view>

#include "vitrine/error.h"

namespace vitrine::base {

/// The code a caller can act on: ENOENT and ENOTDIR are kNotFound, ENOSPC, EDQUOT, EFBIG, EMFILE and ENOMEM
/// kResource, EEXIST kAlreadyExists, all others kIo.
ErrorCode code_of_errno(int error_number);

/// Throws "cannot <attempt> '<path>': <reason>", with advice where there is any.
[[noreturn]] void throw_errno(std::string_view attempt, const std::filesystem::path& path, int error_number);

}  // namespace vitrine::base
