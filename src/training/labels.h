// SPDX-License-Identifier: MIT
#pragma once
#include <string>

namespace vitrine::training {

/// A top-level text in a JSON object; `otherwise` if it is missing, no text, or there is no object.
std::string text_attribute(const std::string& attributes_json, const char* key, const char* otherwise);

}  // namespace vitrine::training
