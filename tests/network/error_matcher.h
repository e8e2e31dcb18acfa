// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>

#include "vitrine/error.h"

namespace vitrine::test {

/// The error that `call` ends with, if any.
template <typename Call>
std::optional<Error> error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

/// Whether `call` fails with that code and a message that contains `part`.
template <typename Call>
bool fails_with(ErrorCode code, const std::string& part, Call&& call) {
  const std::optional<Error> error = error_of(call);
  return error && error->code() == code && std::string(error->what()).find(part) != std::string::npos;
}

}  // namespace vitrine::test
