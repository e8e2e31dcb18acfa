// SPDX-License-Identifier: MIT
#pragma once
/// The two forms of a click log behind one interface.
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "vitrine/click_log.h"

namespace vitrine::clicks {

enum class LogForm { kCsv, kJsonLines };

/// By the extension of the name. ErrorCode::kInvalidArgument for any other.
LogForm log_form(const std::filesystem::path& log);

class ViewSource {
 public:
  /// Receives the number of a line that is passed over, and why.
  using LineProblem = std::function<void(std::size_t line, const std::string& reason)>;

  virtual ~ViewSource() = default;
  virtual std::optional<PageView> next() = 0;
  virtual std::size_t remaining_bytes() const = 0;
};

/// `text` must outlive the source. Errors: kCorrupt, with the reason alone as message.
std::unique_ptr<ViewSource> csv_views(std::string_view text, ViewSource::LineProblem on_problem);
std::unique_ptr<ViewSource> json_views(std::string_view text, ViewSource::LineProblem on_problem);

/// No page shows more; a log in which one view has more items is not what it says it is.
inline constexpr std::size_t kMaxItemsPerView = 10'000;

// What both forms check. Each throws ErrorCode::kCorrupt with the reason alone.
void require_text(const std::string& text, std::string_view field);
double require_time(std::string_view text);
void add_item(PageView& view, ShownItem item);

}  // namespace vitrine::clicks
