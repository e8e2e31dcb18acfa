// SPDX-License-Identifier: MIT
#include "engine/number_reader.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

namespace vitrine::engine {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kDigits = "0123456789";

std::string_view without_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' || c == '.' ||
         kDigits.find(c) != std::string_view::npos;
}

/// Walks a JSON text from word to word.
class JsonWords {
 public:
  explicit JsonWords(std::string_view text) : text_(text) {}

  std::vector<NonFiniteWord> non_finite() {
    std::vector<NonFiniteWord> found;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        read_string();
      } else if (is_word_character(c)) {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_word_character(text_[at_])) ++at_;
        if (read_number(text_.substr(begin, at_ - begin)).is_not_finite)
          found.push_back({std::string(field_), begin, at_ - begin, depth_ == 1});
      } else {
        if (c == '{' || c == '[') ++depth_;
        if ((c == '}' || c == ']') && depth_ > 0) --depth_;
        ++at_;
      }
    }
    return found;
  }

 private:
  void read_string() {
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) return;
    const std::string_view string = text_.substr(begin, at_ - begin);
    ++at_;
    const std::size_t next = text_.find_first_not_of(kBlanks, at_);
    if (depth_ == 1 && next != std::string_view::npos && text_[next] == ':') field_ = string;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::string_view field_;
};

}  // namespace

NumberText read_number(std::string_view text) {
  text = without_blanks(text);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || text.empty()) return {};
  if (error == std::errc{})
    return std::isfinite(number) ? NumberText{number, false} : NumberText{std::nullopt, true};
  if (error != std::errc::result_out_of_range) return {};
  // Too large or too small, which from_chars does not tell apart.
  const auto rounded = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  return rounded.is_number() ? NumberText{rounded.get<double>(), false} : NumberText{std::nullopt, true};
}

std::vector<NonFiniteWord> find_non_finite(std::string_view json) {
  return JsonWords(json).non_finite();
}

}  // namespace vitrine::engine
