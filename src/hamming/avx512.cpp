// SPDX-License-Identifier: MIT
// One popcount per word of eight codes. Built with AVX-512F and AVX-512 VPOPCNTDQ.
#include <immintrin.h>

#include "hamming/scan.h"

namespace vitrine::hamming {
namespace {

// Adds the distances of a block's eight codes to each query, so that every load serves all of them. `kWords`
// fixes the number of words for the compiler; kAnyLength takes `num_words`.
constexpr std::size_t kAnyLength = ~std::size_t{0};

template <std::size_t kWords, std::size_t kQueries>
[[gnu::always_inline]] inline void add_block(const std::uint64_t* block, std::size_t num_words,
                                             const std::uint64_t* queries, std::size_t query_stride,
                                             __m512i (&sums)[kQueries]) {
  const std::size_t words = kWords == kAnyLength ? num_words : kWords;
  for (std::size_t word = 0; word < words; ++word) {
    const __m512i codes = _mm512_load_si512(block + word * kRowsPerBlock);
    for (std::size_t q = 0; q < kQueries; ++q) {
      const __m512i query = _mm512_set1_epi64(static_cast<long long>(queries[q * query_stride + word]));
      sums[q] = _mm512_add_epi64(sums[q], _mm512_popcnt_epi64(_mm512_xor_si512(codes, query)));
    }
  }
}

// The same for one query whose words are in registers.
template <std::size_t kWords>
[[gnu::always_inline]] inline void add_words(const std::uint64_t* block, const __m512i* query, __m512i& sum) {
  for (std::size_t word = 0; word < kWords; ++word) {
    const __m512i codes = _mm512_load_si512(block + word * kRowsPerBlock);
    sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(_mm512_xor_si512(codes, query[word])));
  }
}

template <std::size_t kHead, std::size_t kTail, std::size_t kQueries, bool kSelected>
void find_queries(const FindArguments& in, std::size_t first_query) {
  const std::size_t head_words = kHead == kAnyLength ? in.head_words : kHead;
  const std::size_t tail_words = kTail == kAnyLength ? in.tail_words : kTail;
  const std::uint64_t* queries = in.queries + first_query * in.query_stride;
  // The compiler may not keep the words of a query in registers by itself: for all it knows, storing a hit
  // changes them.
  constexpr bool kKept = kQueries == 1 && kHead != kAnyLength && kTail != kAnyLength;
  __m512i kept[kKept ? kHead + kTail : 1];
  if constexpr (kKept) {
    for (std::size_t word = 0; word < kHead + kTail; ++word) {
      kept[word] = _mm512_set1_epi64(static_cast<long long>(queries[word]));
    }
  }
  __m512i limits[kQueries];
  BlockHit* hits[kQueries];
  for (std::size_t q = 0; q < kQueries; ++q) {
    limits[q] = _mm512_set1_epi64(in.limits[first_query + q]);
    hits[q] = in.hits + (first_query + q) * in.num_blocks;
  }
  for (std::size_t i = 0; i < in.num_blocks; ++i) {
    const std::size_t block = kSelected ? in.selected[i] : i;
    const std::uint64_t* head = in.heads + block * head_words * kRowsPerBlock;
    const std::uint64_t* tail = in.tails + block * tail_words * kRowsPerBlock;
    __m512i sums[kQueries];
    for (std::size_t q = 0; q < kQueries; ++q) sums[q] = _mm512_setzero_si512();
    if constexpr (kKept) {
      add_words<kHead>(head, kept, sums[0]);
      add_words<kTail>(tail, kept + kHead, sums[0]);
    } else {
      add_block<kHead>(head, head_words, queries, in.query_stride, sums);
      add_block<kTail>(tail, tail_words, queries + head_words, in.query_stride, sums);
    }
    unsigned rows[kQueries];
    unsigned any = 0;
    for (std::size_t q = 0; q < kQueries; ++q) {
      rows[q] = _mm512_cmple_epu64_mask(sums[q], limits[q]);
      any |= rows[q];
    }
    if (any == 0) [[likely]]
      continue;
    for (std::size_t q = 0; q < kQueries; ++q) {
      if (rows[q] == 0) continue;
      hits[q]->block = static_cast<std::uint32_t>(block);
      hits[q]->rows = rows[q];
      _mm_storeu_si128(reinterpret_cast<__m128i*>(hits[q]->distances), _mm512_cvtepi64_epi16(sums[q]));
      ++hits[q];
    }
  }
  for (std::size_t q = 0; q < kQueries; ++q) {
    const BlockHit* first = in.hits + (first_query + q) * in.num_blocks;
    in.num_hits[first_query + q] = static_cast<std::uint32_t>(hits[q] - first);
  }
}

template <std::size_t kHead, std::size_t kTail, bool kSelected>
void find_all(const FindArguments& in) {
  std::size_t q = 0;
  for (; q + 8 <= in.num_queries; q += 8) find_queries<kHead, kTail, 8, kSelected>(in, q);
  for (; q + 4 <= in.num_queries; q += 4) find_queries<kHead, kTail, 4, kSelected>(in, q);
  for (; q < in.num_queries; ++q) find_queries<kHead, kTail, 1, kSelected>(in, q);
}

template <std::size_t kHead, std::size_t kTail>
void find_words(const FindArguments& in) {
  in.selected ? find_all<kHead, kTail, true>(in) : find_all<kHead, kTail, false>(in);
}

template <std::size_t kWords, std::size_t kQueries>
void nearest_queries(const NearestArguments& in, std::size_t first_query) {
  const __m512i lanes = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
  __m512i best[kQueries];
  for (std::size_t q = 0; q < kQueries; ++q) best[q] = _mm512_set1_epi64(-1);
  for (std::size_t b = 0; b < in.num_blocks; ++b) {
    __m512i sums[kQueries];
    for (std::size_t q = 0; q < kQueries; ++q) sums[q] = _mm512_setzero_si512();
    add_block<kWords>(in.blocks + b * in.words * kRowsPerBlock, in.words, in.queries + first_query * in.words,
                      in.words, sums);
    const __m512i rows =
        _mm512_add_epi64(_mm512_set1_epi64(static_cast<long long>(b * kRowsPerBlock)), lanes);
    for (std::size_t q = 0; q < kQueries; ++q) {
      best[q] = _mm512_min_epu64(best[q], _mm512_or_si512(_mm512_slli_epi64(sums[q], 32), rows));
    }
  }
  for (std::size_t q = 0; q < kQueries; ++q) in.nearest[first_query + q] = _mm512_reduce_min_epu64(best[q]);
}

template <std::size_t kWords>
void nearest_words(const NearestArguments& in) {
  std::size_t q = 0;
  for (; q + 4 <= in.num_queries; q += 4) nearest_queries<kWords, 4>(in, q);
  for (; q < in.num_queries; ++q) nearest_queries<kWords, 1>(in, q);
}

}  // namespace

void find_avx512(const FindArguments& in) {
  // The usual lengths get loops that the compiler can unroll.
  if (in.head_words == 2 && in.tail_words == 6) return find_words<2, 6>(in);
  if (in.head_words == 2 && in.tail_words == 0) return find_words<2, 0>(in);
  if (in.head_words == 4 && in.tail_words == 0) return find_words<4, 0>(in);
  if (in.head_words == 8 && in.tail_words == 0) return find_words<8, 0>(in);
  find_words<kAnyLength, kAnyLength>(in);
}

void nearest_avx512(const NearestArguments& in) {
  in.words == 8 ? nearest_words<8>(in) : nearest_words<kAnyLength>(in);
}

}  // namespace vitrine::hamming
