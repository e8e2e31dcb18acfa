// SPDX-License-Identifier: MIT
// Built for this machine's processor (CMakeLists.txt): the projections are most of the work.
#include "index/code_generator.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>

#include "index/random.h"

namespace vitrine::benchmarks {
namespace {

// Streams: below 2^20 the model's own, then the rows, the anchors of the rows, queries, the choice of their
// rows.
constexpr std::uint64_t kRowStreams = std::uint64_t{1} << 40;
constexpr std::uint64_t kAnchorStreams = std::uint64_t{2} << 40;
constexpr std::uint64_t kQueryStreams = std::uint64_t{3} << 40;
constexpr std::uint64_t kSourceStreams = std::uint64_t{4} << 40;

// Rows that one pass over the matrix serves, and columns whose sums stay in registers.
constexpr std::size_t kRowsPerPass = 4;
constexpr std::size_t kColumnsPerPass = 32;

// `sums` `[kRowsPerPass, bits]` += `normal` `[kRowsPerPass, dims]` x matrix.
void add_noise(const NoiseMap& noise, std::size_t bits, const float* normal, float* sums) {
  if (noise.diagonal) {
    for (std::size_t r = 0; r < kRowsPerPass; ++r) {
      for (std::size_t b = 0; b < bits; ++b) sums[r * bits + b] += normal[r * bits + b] * noise.matrix[b];
    }
    return;
  }
  for (std::size_t column = 0; column < bits; column += kColumnsPerPass) {
    float tile[kRowsPerPass][kColumnsPerPass] = {};
    for (std::size_t d = 0; d < noise.dims; ++d) {
      const float* row = noise.matrix.data() + d * bits + column;
      for (std::size_t r = 0; r < kRowsPerPass; ++r) {
        const float factor = normal[r * noise.dims + d];
        for (std::size_t c = 0; c < kColumnsPerPass; ++c) tile[r][c] += factor * row[c];
      }
    }
    for (std::size_t r = 0; r < kRowsPerPass; ++r) {
      for (std::size_t c = 0; c < kColumnsPerPass; ++c) sums[r * bits + column + c] += tile[r][c];
    }
  }
}

void write_signs(const float* values, std::size_t bits, std::byte* code) {
  for (std::size_t byte = 0; byte < bits / 8; ++byte) {
    unsigned set = 0;
    for (std::size_t i = 0; i < 8; ++i) set |= (values[byte * 8 + i] > 0 ? 1U : 0U) << i;
    code[byte] = static_cast<std::byte>(set);
  }
}

bool is_anchor_itself(const CodeModel& model, std::size_t row) {
  return model.cumulative_share.empty() && row < model.num_anchors();
}

// Numbers before signs, one call for kRowsPerPass rows.
class RowMaker {
 public:
  explicit RowMaker(const CodeModel& model)
      : model_(model),
        row_normal_(kRowsPerPass * model.row_noise.dims),
        query_normal_(kRowsPerPass * model.query_noise.dims),
        values_(kRowsPerPass * model.bits) {}

  void make_rows(const std::size_t (&rows)[kRowsPerPass]) {
    for (std::size_t r = 0; r < kRowsPerPass; ++r) {
      const float* anchor = model_.anchors.data() + anchor_of_row(model_, rows[r]) * model_.bits;
      std::copy_n(anchor, model_.bits, values_.begin() + static_cast<std::ptrdiff_t>(r * model_.bits));
      const auto normal = std::span(row_normal_).subspan(r * model_.row_noise.dims, model_.row_noise.dims);
      if (is_anchor_itself(model_, rows[r])) {
        std::fill(normal.begin(), normal.end(), 0.0F);
      } else {
        Random(model_.seed, kRowStreams + rows[r]).fill_normal(normal);
      }
    }
    add_noise(model_.row_noise, model_.bits, row_normal_.data(), values_.data());
  }

  void add_query_noise(std::size_t first_query) {
    const std::size_t dims = model_.query_noise.dims;
    for (std::size_t r = 0; r < kRowsPerPass; ++r) {
      Random(model_.seed, kQueryStreams + first_query + r)
          .fill_normal(std::span(query_normal_).subspan(r * dims, dims));
    }
    add_noise(model_.query_noise, model_.bits, query_normal_.data(), values_.data());
  }

  void write_code(std::size_t r, std::byte* code) const {
    write_signs(values_.data() + r * model_.bits, model_.bits, code);
  }

 private:
  const CodeModel& model_;
  std::vector<float> row_normal_;
  std::vector<float> query_normal_;
  std::vector<float> values_;  // [kRowsPerPass, bits]
};

// Calls `make(maker, begin, end)` for pieces of [0, count), whose lengths are multiples of kRowsPerPass but
// for the last, on all cores.
template <typename Make>
void in_pieces(const CodeModel& model, std::size_t count, const Make& make) {
  constexpr std::size_t kPiece = 1024 * kRowsPerPass;
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    RowMaker maker(model);
    for (std::size_t begin = kPiece * next++; begin < count; begin = kPiece * next++) {
      for (std::size_t i = begin; i < std::min(count, begin + kPiece); i += kRowsPerPass) {
        make(maker, i, std::min(kRowsPerPass, count - i));
      }
    }
  };
  std::vector<std::jthread> workers;
  for (unsigned t = 1; t < std::max(1U, std::thread::hardware_concurrency()); ++t) workers.emplace_back(work);
  work();
}

}  // namespace

std::size_t anchor_of_row(const CodeModel& model, std::size_t row) {
  if (model.cumulative_share.empty()) return row % model.num_anchors();
  if (model.cumulative_share.size() == 1) return 0;
  const double share = Random(model.seed, kAnchorStreams + row).uniform();
  const auto found = std::upper_bound(model.cumulative_share.begin(), model.cumulative_share.end(), share);
  const auto anchor = static_cast<std::size_t>(found - model.cumulative_share.begin());
  return std::min(anchor, model.num_anchors() - 1);
}

CodeArray generate_rows(const CodeModel& model, std::size_t first, std::size_t count) {
  CodeArray codes(count, model.bits);
  in_pieces(model, count, [&](RowMaker& maker, std::size_t begin, std::size_t num) {
    std::size_t rows[kRowsPerPass];
    for (std::size_t r = 0; r < kRowsPerPass; ++r) rows[r] = first + begin + std::min(r, num - 1);
    maker.make_rows(rows);
    for (std::size_t r = 0; r < num; ++r) maker.write_code(r, codes.row(begin + r));
  });
  return codes;
}

CodeArray generate_queries(const CodeModel& model, std::size_t first_source, std::size_t num_sources,
                           std::size_t count, std::size_t first_query) {
  std::vector<std::size_t> sources(count);
  for (std::size_t q = 0; q < count; ++q) {
    sources[q] = first_source + Random(model.seed, kSourceStreams + first_query + q).below(num_sources);
  }
  return generate_queries_near(model, sources, first_query);
}

CodeArray generate_queries_near(const CodeModel& model, const std::vector<std::size_t>& source_rows,
                                std::size_t first_query) {
  CodeArray codes(source_rows.size(), model.bits);
  in_pieces(model, source_rows.size(), [&](RowMaker& maker, std::size_t begin, std::size_t num) {
    std::size_t rows[kRowsPerPass];
    for (std::size_t r = 0; r < kRowsPerPass; ++r) rows[r] = source_rows[begin + std::min(r, num - 1)];
    maker.make_rows(rows);
    maker.add_query_noise(first_query + begin);
    for (std::size_t r = 0; r < num; ++r) maker.write_code(r, codes.row(begin + r));
  });
  return codes;
}

}  // namespace vitrine::benchmarks
