// SPDX-License-Identifier: MIT
#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace vitrine::engine {

/// A value as messages quote it: its beginning, if it is long.
std::string shown_value(const nlohmann::json& value);

}  // namespace vitrine::engine
