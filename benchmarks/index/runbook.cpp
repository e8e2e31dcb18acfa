// SPDX-License-Identifier: MIT
#include "index/runbook.h"

#include <algorithm>
#include <numeric>

#include "index/code_generator.h"
#include "index/random.h"

namespace vitrine::benchmarks {
namespace {

using Kind = RunbookStep::Kind;

constexpr std::size_t kNumPieces = 20;
constexpr std::size_t kNumGroups = 64;
constexpr std::size_t kNumRounds = 4;

std::vector<std::size_t> in_row_order(std::size_t num_rows) {
  std::vector<std::size_t> rows(num_rows);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

// Rows of one cluster one after another. Data without clusters stay in order: their rows are independent.
std::vector<std::size_t> in_cluster_order(const CodeModel& model, std::size_t num_rows) {
  std::vector<std::size_t> anchors(num_rows);
  for (std::size_t row = 0; row < num_rows; ++row) anchors[row] = anchor_of_row(model, row);
  std::vector<std::size_t> rows = in_row_order(num_rows);
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::size_t a, std::size_t b) { return anchors[a] < anchors[b]; });
  return rows;
}

// `part` of `num_parts` equal parts of [first, first + count).
RunbookStep part_of(Kind kind, std::size_t first, std::size_t count, std::size_t part,
                    std::size_t num_parts) {
  const std::size_t begin = first + count * part / num_parts;
  const std::size_t end = first + count * (part + 1) / num_parts;
  return {kind, begin, end - begin};
}

void shuffle(std::vector<std::size_t>& values, Random& random) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.below(i)]);
}

Runbook simple(std::size_t num_rows) {
  Runbook book{.name = "simple", .rows = in_row_order(num_rows)};
  for (std::size_t i = 0; i < kNumPieces; ++i) {
    book.steps.push_back(part_of(Kind::kInsert, 0, num_rows, i, kNumPieces));
    book.steps.push_back({});
  }
  for (std::size_t i = 0; i < kNumPieces / 2; ++i) {
    book.steps.push_back(part_of(Kind::kRemove, 0, num_rows, i, kNumPieces));
    book.steps.push_back({});
  }
  return book;
}

Runbook clustered(const CodeModel& model, std::size_t num_rows) {
  Runbook book{.name = "clustered", .rows = in_cluster_order(model, num_rows)};
  Random random(model.seed, 100);
  std::vector<std::size_t> groups = in_row_order(kNumGroups);
  for (std::size_t round = 0; round < kNumRounds; ++round) {
    for (const Kind kind : {Kind::kInsert, Kind::kRemove}) {
      shuffle(groups, random);
      for (std::size_t i = 0; i < kNumGroups; ++i) {
        const RunbookStep group = part_of(kind, 0, num_rows, groups[i], kNumGroups);
        RunbookStep step = part_of(kind, group.first, group.count, round, kNumRounds);
        if (kind == Kind::kRemove) step.count /= 2;
        book.steps.push_back(step);
        if (i % (kNumGroups / 4) == kNumGroups / 4 - 1) book.steps.push_back({});
      }
    }
  }
  return book;
}

Runbook deletion(const CodeModel& model, std::size_t num_rows) {
  Runbook book{.name = "delete", .rows = in_cluster_order(model, num_rows)};
  book.steps.push_back({Kind::kInsert, 0, num_rows});
  book.steps.push_back({});
  for (std::size_t i = 0; i < kNumPieces * 4 / 5; ++i) {
    book.steps.push_back(part_of(Kind::kRemove, 0, num_rows, i, kNumPieces));
    book.steps.push_back({});
  }
  return book;
}

Runbook sliding_window(std::size_t num_rows) {
  Runbook book{.name = "sliding window", .rows = in_row_order(num_rows)};
  for (std::size_t i = 0; i < 2 * kNumPieces; ++i) {
    book.steps.push_back(part_of(Kind::kInsert, 0, num_rows, i, 2 * kNumPieces));
    if (i < kNumPieces) continue;
    book.steps.push_back(part_of(Kind::kRemove, 0, num_rows, i - kNumPieces, 2 * kNumPieces));
    book.steps.push_back({});
  }
  return book;
}

Runbook replacement(std::size_t num_rows) {
  Runbook book{.name = "replace", .rows = in_row_order(num_rows)};
  const std::size_t half = num_rows / 2;
  book.steps.push_back({Kind::kInsert, 0, half});
  book.steps.push_back({});
  for (std::size_t i = 0; i < kNumPieces; ++i) {
    RunbookStep step = part_of(Kind::kReplace, 0, half, i, kNumPieces);
    step.source = half + step.first;
    book.steps.push_back(step);
    book.steps.push_back({});
  }
  return book;
}

}  // namespace

std::vector<Runbook> make_runbooks(const CodeModel& model, std::size_t num_rows) {
  std::vector<Runbook> books;
  books.push_back(simple(num_rows));
  books.push_back(clustered(model, num_rows));
  books.push_back(deletion(model, num_rows));
  books.push_back(sliding_window(num_rows));
  books.push_back(replacement(num_rows));
  return books;
}

}  // namespace vitrine::benchmarks
