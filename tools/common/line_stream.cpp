// SPDX-License-Identifier: MIT
#include "common/line_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/system_error.h"

namespace vitrine::tools {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = std::size_t{1} << 16;

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r") == std::string::npos;
}

}  // namespace

LineStream::LineStream(const std::string& name) : name_(name) {
  if (name == "-") {
    file_ = STDIN_FILENO;
    return;
  }
  file_ = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) base::throw_errno("open", name, errno);
}

LineStream::~LineStream() {
  if (file_ != STDIN_FILENO) ::close(file_);
}

std::optional<LineStream::Line> LineStream::next(milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  while (true) {
    while (std::optional<Line> line = take_line())
      if (line->is_too_long || !is_blank(line->text)) return line;
    if (at_end_) return std::nullopt;
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (!fill(std::max(left, milliseconds(0)))) return std::nullopt;
  }
}

// Nothing if the buffer holds no whole line.
std::optional<LineStream::Line> LineStream::take_line() {
  while (position_ < buffer_.size()) {
    const std::size_t end = buffer_.find('\n', position_);
    if (end == std::string::npos && !at_end_) {
      if (skipping_) {
        buffer_.clear();
        position_ = 0;
      } else if (buffer_.size() - position_ > kMaxLineBytes) {
        skipping_ = true;
        return Line{++number_, {}, true};
      }
      return std::nullopt;
    }
    std::string text = buffer_.substr(position_, end == std::string::npos ? end : end - position_);
    position_ = end == std::string::npos ? buffer_.size() : end + 1;
    if (position_ == buffer_.size()) {
      buffer_.clear();
      position_ = 0;
    }
    if (std::exchange(skipping_, false)) continue;  // the rest of a line that was given already
    return finished(std::move(text));
  }
  return std::nullopt;
}

LineStream::Line LineStream::finished(std::string text) {
  constexpr const char* kByteOrderMark = "\xEF\xBB\xBF";
  if (++number_ == 1 && text.starts_with(kByteOrderMark)) text.erase(0, std::strlen(kByteOrderMark));
  if (text.ends_with('\r')) text.pop_back();
  if (text.size() > kMaxLineBytes) return {number_, {}, true};
  return {number_, std::move(text), false};
}

// False if nothing came within the time. At the end, true once more, so that the last line is taken.
bool LineStream::fill(milliseconds timeout) {
  pollfd waiting{file_, POLLIN, 0};
  const int num_ready = ::poll(&waiting, 1, static_cast<int>(timeout.count()));
  if (num_ready == 0 || (num_ready < 0 && errno == EINTR)) return false;
  if (num_ready < 0) base::throw_errno("wait for", name_, errno);
  buffer_.erase(0, position_);
  position_ = 0;
  const std::size_t old_size = buffer_.size();
  buffer_.resize(old_size + kReadBytes);
  const ssize_t num_read = ::read(file_, buffer_.data() + old_size, kReadBytes);
  const int error_number = errno;
  buffer_.resize(old_size + (num_read > 0 ? static_cast<std::size_t>(num_read) : 0));
  if (num_read < 0 && error_number == EINTR) return false;
  if (num_read < 0) base::throw_errno("read", name_, error_number);
  at_end_ = num_read == 0;
  return true;
}

}  // namespace vitrine::tools
