// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "common/terminal.h"
#include "vitrine/click_groups.h"

namespace vitrine::tools {

/// What was found, for people: counts, and how much of it is right where the log knows the truth.
std::string grouping_text(const ClickGroups& groups, const Style& style);

/// The same for programs, schema "vitrine.grouping/1".
std::string grouping_json(const ClickGroups& groups);

/// A manifest of all grouped pictures as vitrine-train reads it: path, product (the group's name), category,
/// split and role.
std::string grouping_csv(const ClickGroups& groups);

}  // namespace vitrine::tools
