// SPDX-License-Identifier: MIT
#pragma once
/// Lines of a file or of standard input, as they come.
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace vitrine::tools {

class LineStream {
 public:
  /// A longer line is cut off and marked: nobody writes one on purpose.
  static constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;

  struct Line {
    std::size_t number = 0;  ///< from 1
    std::string text;        ///< without its end
    bool is_too_long = false;
  };

  /// "-" is standard input. Errors: kNotFound, kIo.
  explicit LineStream(const std::string& name);
  LineStream(const LineStream&) = delete;
  LineStream& operator=(const LineStream&) = delete;
  ~LineStream();

  /// The next line that is not blank; nothing if none comes within `timeout`, or at the end. A last line
  /// without its end counts. ErrorCode::kIo.
  std::optional<Line> next(std::chrono::milliseconds timeout);

  const std::string& name() const { return name_; }
  bool at_end() const { return at_end_ && buffer_.empty(); }

 private:
  std::optional<Line> take_line();
  Line finished(std::string text);
  bool fill(std::chrono::milliseconds timeout);

  std::string name_;
  int file_ = -1;
  std::string buffer_;        ///< read, but not taken
  std::size_t position_ = 0;  ///< in `buffer_`: what lies before it was taken
  std::size_t number_ = 0;
  bool skipping_ = false;  ///< inside a line that was too long
  bool at_end_ = false;
};

}  // namespace vitrine::tools
