// SPDX-License-Identifier: MIT
#pragma once

namespace vitrine::tools {

/// Makes malloc keep the memory of one picture for the next instead of returning it to the system, which
/// costs page faults for every picture. For tools that process many; call first in main.
void reuse_picture_memory();

}  // namespace vitrine::tools
