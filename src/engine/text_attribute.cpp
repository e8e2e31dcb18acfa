// SPDX-License-Identifier: MIT
#include "engine/text_attribute.h"

#include <nlohmann/json.hpp>

namespace vitrine::engine {

std::optional<std::string> text_attribute(const std::string& attributes_json, const std::string& name) {
  const auto attributes = nlohmann::json::parse(attributes_json, nullptr, /*allow_exceptions=*/false);
  if (!attributes.is_object()) return std::nullopt;
  const auto found = attributes.find(name);
  if (found == attributes.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

}  // namespace vitrine::engine
