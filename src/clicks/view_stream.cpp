// SPDX-License-Identifier: MIT
#include "clicks/view_stream.h"

#include <xxhash.h>

#include <algorithm>
#include <utility>

namespace vitrine::clicks {
namespace {

/// Views and sessions that are remembered: some hundred MB at most, and longer than any user's visit.
constexpr std::size_t kRemembered = 1'000'000;

std::uint64_t hash_of(const std::string& text, std::uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

}  // namespace

ViewStream::ViewStream(std::span<const std::filesystem::path> logs, std::filesystem::path root,
                       DropSink on_dropped, ViewSink on_view, bool keep_clickless)
    : logs_(logs),
      root_(std::move(root)),
      on_dropped_(std::move(on_dropped)),
      on_view_(std::move(on_view)),
      keep_clickless_(keep_clickless),
      seen_views_(kRemembered),
      session_times_(kRemembered) {
  for (const std::filesystem::path& log : logs) size_bytes_ += ClickLogReader(log, {}).size_bytes();
}

std::optional<LocatedView> ViewStream::next() {
  while (reader_ || open_next()) {
    std::optional<PageView> view = reader_->next();
    if (!view) {
      bytes_in_closed_ += reader_->size_bytes();
      reader_.reset();
      continue;
    }
    ++num_views_;
    const std::filesystem::path& log = logs_[num_opened_ - 1];
    LocatedView located{std::move(*view), {}, {}};
    located.place = log.string() + ':' + std::to_string(located.view.line);
    const PageView& page = located.view;
    if (is_duplicate(page)) {
      on_dropped_({DropReason::kDuplicateView, located.place, page.query, {}, {}, {}});
      continue;
    }
    check_clock(page);
    if (on_view_) on_view_(page);
    if (!keep_clickless_ &&
        std::none_of(page.items.begin(), page.items.end(), [](const ShownItem& i) { return i.clicked; })) {
      on_dropped_({DropReason::kNoClick, located.place, page.query, {}, {}, {}});
      continue;
    }
    const std::filesystem::path root = root_.empty() ? log.parent_path() : root_;
    located.photo = std::filesystem::absolute(root / page.query).lexically_normal().string();
    return located;
  }
  return std::nullopt;
}

bool ViewStream::open_next() {
  if (num_opened_ == logs_.size()) return false;
  reader_.emplace(logs_[num_opened_++], [this](const IngestFailure& problem) {
    on_dropped_({DropReason::kMalformedLine, problem.path, {}, {}, {}, problem.reason});
  });
  return true;
}

bool ViewStream::is_duplicate(const PageView& view) {
  const std::uint64_t time_hash = XXH3_64bits(&view.time_s, sizeof view.time_s);
  const std::uint64_t key = hash_of(view.query, hash_of(view.session, time_hash));
  if (seen_views_.find(key) != nullptr) return true;
  seen_views_.put(key, {});
  return false;
}

void ViewStream::check_clock(const PageView& view) {
  const std::uint64_t key = hash_of(view.session, 0);
  const double* previous = session_times_.find(key);
  if (previous != nullptr && view.time_s < *previous) ++num_clock_backwards_;
  session_times_.put(key, view.time_s);
}

std::uint64_t ViewStream::bytes_read() const {
  return bytes_in_closed_ + (reader_ ? reader_->bytes_read() : 0);
}

}  // namespace vitrine::clicks
