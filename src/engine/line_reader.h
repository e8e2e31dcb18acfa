// SPDX-License-Identifier: MIT
#pragma once
/// Text files of one record a line, such as JSONL: lines end in LF or CRLF, a byte order mark is passed over.
#include <cstddef>
#include <optional>
#include <string_view>

namespace vitrine::engine {

struct Line {
  std::size_t number = 0;  ///< from 1
  std::string_view text;   ///< without its end
};

/// Reads lines one after the other; does not own the text.
class LineReader {
 public:
  /// A longer line is refused by those who parse it: nobody writes one on purpose.
  static constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;

  explicit LineReader(std::string_view text);

  /// The next line that is not blank.
  std::optional<Line> next();

  /// Bytes not read yet.
  std::size_t remaining_bytes() const { return rest_.size(); }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

}  // namespace vitrine::engine
