// SPDX-License-Identifier: MIT
#pragma once
/// Click logs: what users were shown for a photo and what they clicked. docs/mining.md has the two forms, CSV
/// with one shown item a line and JSONL with one page view a line.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vitrine/ingest.h"

namespace vitrine {

struct ShownItem {
  std::string item;          ///< "<product>/<picture>", an item's key, or a product alone
  std::size_t position = 1;  ///< place on the page, from 1
  bool clicked = false;
  std::optional<bool> same_product{};  ///< truth, where somebody knows it (simulated or labelled logs)
  std::optional<bool> bought{};        ///< after the click, where the shop knows it
};

/// One page of results as one user saw it.
struct PageView {
  std::size_t line = 0;  ///< where it begins in its log, from 1
  std::string session;
  double time_s = 0;             ///< seconds since the epoch
  std::string query;             ///< path of the photo as the log has it
  std::vector<ShownItem> items;  ///< by ascending position
};

/// Reads a log page view by page view; memory does not grow with the log. Not thread-safe.
class ClickLogReader {
 public:
  /// Receives every line that is passed over: "log.csv:17" and what was expected and found there.
  using ProblemSink = std::function<void(const IngestFailure&)>;

  /// CSV or JSONL by the name's extension (.csv, .jsonl, .ndjson; kInvalidArgument for others, pipes and
  /// folders). kNotFound or kIo if it cannot be read; kCorrupt if a CSV header lacks a column.
  ClickLogReader(const std::filesystem::path& log, ProblemSink on_problem);
  ClickLogReader(ClickLogReader&&) noexcept;
  ClickLogReader& operator=(ClickLogReader&&) noexcept;
  ~ClickLogReader();

  /// The next page view with at least one item. In CSV, consecutive lines of one session, time and query are
  /// one page view. ErrorCode::kCorrupt if a quote is never closed.
  std::optional<PageView> next();

  std::uint64_t size_bytes() const;
  std::uint64_t bytes_read() const;
  /// Lines handed to the problem sink so far.
  std::uint64_t num_problems() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Writes a log in the form that its name's extension says; nothing appears under that name before `close`.
class ClickLogWriter {
 public:
  /// Errors: kInvalidArgument for another extension; kIo, kResource.
  explicit ClickLogWriter(const std::filesystem::path& log);
  ClickLogWriter(ClickLogWriter&&) noexcept;
  ClickLogWriter& operator=(ClickLogWriter&&) noexcept;
  ~ClickLogWriter();

  /// The columns `same_product` and `bought` are always written, empty where nothing is known.
  void write(const PageView& view);
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine
