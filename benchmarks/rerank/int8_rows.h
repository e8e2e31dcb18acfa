// SPDX-License-Identifier: MIT
#pragma once
/// Features in eight bits a number, for measuring whether re-ranking by them would pay.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vitrine::benchmarks {

/// Writes round(127 x / max |x|) and returns max |x| / 127.
float to_int8(std::span<const float> values, std::int8_t* numbers);

/// Exact sum of products. With AVX-512 VNNI where the processor has it; the plain loop is its definition.
std::int32_t dot_int8(const std::int8_t* query, const std::int8_t* row, std::size_t dim);
std::int32_t dot_int8_plain(const std::int8_t* query, const std::int8_t* row, std::size_t dim);
/// Whether dot_int8 is more than the plain loop on this machine.
bool has_fast_int8();

struct Int8Candidate {
  const std::int8_t* row = nullptr;
  float scale = 0;
};

/// The places of the best k, best first, rows being fetched ahead as in rerank_by_cosine.
std::vector<std::size_t> rerank_int8(std::span<const std::int8_t> query,
                                     std::span<const Int8Candidate> candidates, std::size_t k);

}  // namespace vitrine::benchmarks
