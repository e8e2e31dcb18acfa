// SPDX-License-Identifier: MIT
#pragma once
/// How far a run is: a bar that redraws itself on a terminal, else a line every few seconds.
#include <chrono>
#include <string>
#include <string_view>

#include "vitrine/ingest.h"

namespace vitrine::tools {

class ProgressBar {
 public:
  enum class Mode { kBar, kLines, kSilent };

  /// A bar if stderr is a terminal, lines otherwise.
  static Mode mode_for_stderr();

  /// `unit`: what is counted, in the plural.
  explicit ProgressBar(Mode mode, std::string unit = "pictures");
  /// Clears the bar, so that what is printed next starts on a clean line.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const IngestProgress& progress);

 private:
  using Clock = std::chrono::steady_clock;

  Mode mode_;
  std::string unit_;
  Clock::time_point start_;
  Clock::time_point last_line_;
  bool drawn_ = false;
};

/// One line such as "[=====>    ] 120/400  31.0 pictures/s  0:09 left  2 failed", at most `width` columns.
std::string progress_line(const IngestProgress& progress, double elapsed_s, std::size_t width,
                          std::string_view unit = "pictures");

}  // namespace vitrine::tools
