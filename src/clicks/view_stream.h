// SPDX-License-Identifier: MIT
#pragma once
/// The page views of several logs, one after the other, without those that can teach nothing.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "clicks/recent_keys.h"
#include "vitrine/clicks.h"

namespace vitrine::clicks {

struct LocatedView {
  PageView view;
  std::string place;  ///< "log.csv:17"
  std::string photo;  ///< absolute path of the query
};

class ViewStream {
 public:
  using DropSink = std::function<void(Dropped)>;
  using ViewSink = std::function<void(const PageView&)>;

  /// `logs` must outlive the stream. `on_view` sees every view that is no duplicate. Opens every log once, so
  /// that a missing one is reported at once.
  /// With `keep_clickless`, views without a click are no reason to complain.
  ViewStream(std::span<const std::filesystem::path> logs, std::filesystem::path root, DropSink on_dropped,
             ViewSink on_view = {}, bool keep_clickless = false);

  /// The next view (with a click, unless all are kept); the others (malformed, duplicate, without click) go
  /// to the sink.
  std::optional<LocatedView> next();

  std::uint64_t num_views() const { return num_views_; }  ///< all well-formed ones so far
  std::uint64_t num_clock_backwards() const { return num_clock_backwards_; }
  std::uint64_t bytes_read() const;
  std::uint64_t size_bytes() const { return size_bytes_; }

 private:
  bool open_next();
  void check_clock(const PageView& view);
  bool is_duplicate(const PageView& view);

  std::span<const std::filesystem::path> logs_;
  std::filesystem::path root_;
  DropSink on_dropped_;
  ViewSink on_view_;
  bool keep_clickless_;
  std::optional<ClickLogReader> reader_;
  std::size_t num_opened_ = 0;
  std::uint64_t bytes_in_closed_ = 0;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t num_views_ = 0;
  std::uint64_t num_clock_backwards_ = 0;
  struct Nothing {};
  RecentKeys<Nothing> seen_views_;
  RecentKeys<double> session_times_;
};

}  // namespace vitrine::clicks
