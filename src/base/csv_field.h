// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>

namespace vitrine::base {

/// A field of a line of CSV by RFC 4180, quoted where it must be.
std::string csv_field(std::string_view text);

}  // namespace vitrine::base
