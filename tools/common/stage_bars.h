// SPDX-License-Identifier: MIT
#pragma once
/// Progress of work in stages: a bar for each.
#include <memory>
#include <string>

#include "common/progress_bar.h"

namespace vitrine::tools {

class StageBars {
 public:
  explicit StageBars(bool quiet) : quiet_(quiet) {}

  /// `unit` says what is counted, in the plural; another one than before begins a new bar.
  void show(const std::string& unit, const IngestProgress& progress) {
    if (!bar_ || unit != unit_) {
      bar_.reset();  // clears its line before the next one begins
      unit_ = unit;
      bar_ = std::make_unique<ProgressBar>(
          quiet_ ? ProgressBar::Mode::kSilent : ProgressBar::mode_for_stderr(), unit);
    }
    bar_->show(progress);
  }

 private:
  bool quiet_;
  std::string unit_;
  std::unique_ptr<ProgressBar> bar_;
};

}  // namespace vitrine::tools
