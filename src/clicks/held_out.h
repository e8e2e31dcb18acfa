// SPDX-License-Identifier: MIT
#pragma once
#include <string>

namespace vitrine::clicks {

/// Whether a photo is among the `share` of all (0 to 1) that is held out. It follows from the path alone, so
/// that next month's log holds out the same ones.
bool is_held_out(const std::string& photo, double share);

}  // namespace vitrine::clicks
