// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>

namespace vitrine::engine {

/// A top-level text in an item's attributes; unset if it is missing or no text, or there is no object.
std::optional<std::string> text_attribute(const std::string& attributes_json, const std::string& name);

}  // namespace vitrine::engine
