// SPDX-License-Identifier: MIT
#pragma once
/// Ctrl-C as a request: the first SIGINT or SIGTERM sets a flag that long work polls, the second one kills.
/// Work that polls nothing ends at once instead.

namespace vitrine::tools {

/// From now on the signals are requests. Call once, early in main.
void catch_interruptions();

/// Whether the user has asked to stop.
bool interruption_requested();

/// While it lives, a signal ends the process with exit status 130 as soon as it comes, and one that came
/// before ends it in the constructor. For work whose results lie on disk whole or not at all, whenever it
/// ends. One at a time, after catch_interruptions().
class ImmediateInterruption {
 public:
  /// `message`, a line for stderr that says what is there then, must outlive this.
  explicit ImmediateInterruption(const char* message);
  ~ImmediateInterruption();
  ImmediateInterruption(const ImmediateInterruption&) = delete;
  ImmediateInterruption& operator=(const ImmediateInterruption&) = delete;
};

}  // namespace vitrine::tools
