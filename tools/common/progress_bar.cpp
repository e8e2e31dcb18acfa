// SPDX-License-Identifier: MIT
#include "common/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <utility>

#include "common/terminal.h"

namespace vitrine::tools {
namespace {

constexpr std::chrono::seconds kLineInterval(5);
constexpr std::size_t kDefaultColumns = 80;

std::size_t terminal_columns() {
  winsize size = {};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kDefaultColumns;
}

std::string minutes_and_seconds(double seconds) {
  const auto whole = static_cast<long long>(std::max(seconds, 0.0) + 0.5);
  char text[32];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  }
  return text;
}

std::string figures(const IngestProgress& progress, double elapsed_s, std::string_view unit) {
  const double rate = elapsed_s > 0 ? static_cast<double>(progress.num_done) / elapsed_s : 0;
  char text[64];
  std::snprintf(text, sizeof text, "%llu/%llu  %.1f ", static_cast<unsigned long long>(progress.num_done),
                static_cast<unsigned long long>(progress.num_total), rate);
  std::string line = text;
  line.append(unit).append("/s");
  if (rate > 0 && progress.num_done < progress.num_total) {
    line += "  " + minutes_and_seconds(static_cast<double>(progress.num_total - progress.num_done) / rate) +
            " left";
  }
  if (progress.num_failed > 0) {
    line += "  " + std::to_string(progress.num_failed) + " failed";
  }
  return line;
}

}  // namespace

std::string progress_line(const IngestProgress& progress, double elapsed_s, std::size_t width,
                          std::string_view unit) {
  const std::string right = figures(progress, elapsed_s, unit);
  constexpr std::size_t kNarrowestBar = 10;
  if (progress.num_total == 0 || right.size() + kNarrowestBar + 4 > width) {
    return right.substr(0, width);
  }
  const std::size_t length = std::min<std::size_t>(width - right.size() - 4, 40);
  const std::size_t filled =
      static_cast<std::size_t>(static_cast<double>(length) * static_cast<double>(progress.num_done) /
                               static_cast<double>(progress.num_total));
  std::string bar(std::min(filled, length), '=');
  if (bar.size() < length) {
    bar += '>';
    bar.resize(length, ' ');
  }
  return "[" + bar + "] " + right;
}

ProgressBar::Mode ProgressBar::mode_for_stderr() {
  return is_terminal(stderr) ? Mode::kBar : Mode::kLines;
}

ProgressBar::ProgressBar(Mode mode, std::string unit)
    : mode_(mode), unit_(std::move(unit)), start_(Clock::now()), last_line_(start_) {}

ProgressBar::~ProgressBar() {
  if (drawn_) {
    std::cerr << "\r\x1b[K" << std::flush;
  }
}

void ProgressBar::show(const IngestProgress& progress) {
  const Clock::time_point now = Clock::now();
  const double elapsed_s = std::chrono::duration<double>(now - start_).count();
  if (mode_ == Mode::kBar && progress.num_total > 0) {
    std::cerr << '\r' << progress_line(progress, elapsed_s, terminal_columns() - 1, unit_) << "\x1b[K"
              << std::flush;
    drawn_ = true;
  } else if (mode_ == Mode::kLines && now - last_line_ >= kLineInterval) {
    std::cerr << figures(progress, elapsed_s, unit_) << std::endl;
    last_line_ = now;
  }
}

}  // namespace vitrine::tools
