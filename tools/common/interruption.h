// SPDX-License-Identifier: MIT
#pragma once
/// Ctrl-C as a request: the first SIGINT or SIGTERM sets a flag that long work polls, the second one kills.

namespace vitrine::tools {

/// From now on the signals are requests. Call once, early in main.
void catch_interruptions();

/// Whether the user has asked to stop.
bool interruption_requested();

}  // namespace vitrine::tools
