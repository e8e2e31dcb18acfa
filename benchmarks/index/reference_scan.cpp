// SPDX-License-Identifier: MIT
// Built for this machine's processor (CMakeLists.txt).
#include "index/reference_scan.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "index/stopwatch.h"
#if defined(__AVX512VPOPCNTDQ__)
#include <immintrin.h>
#endif

namespace vitrine::benchmarks {
namespace {

std::uint32_t distance_in_words(const std::uint64_t* a, const std::uint64_t* b, std::size_t words) {
  std::size_t word = 0;
  std::uint32_t sum = 0;
#if defined(__AVX512VPOPCNTDQ__)
  __m512i counts = _mm512_setzero_si512();
  for (; word + 8 <= words; word += 8) {
    const __m512i bits = _mm512_xor_si512(_mm512_loadu_si512(a + word), _mm512_loadu_si512(b + word));
    counts = _mm512_add_epi64(counts, _mm512_popcnt_epi64(bits));
  }
  sum = static_cast<std::uint32_t>(_mm512_reduce_add_epi64(counts));
#endif
  for (; word < words; ++word) sum += static_cast<std::uint32_t>(std::popcount(a[word] ^ b[word]));
  return sum;
}

bool nearer(const Neighbor& a, const Neighbor& b) {
  return a.distance != b.distance ? a.distance < b.distance : a.id < b.id;
}

// The k nearest so far; rows arrive in ascending order.
class Nearest {
 public:
  explicit Nearest(std::size_t k) : k_(k) {}

  // Rows at this distance or beyond cannot enter.
  std::uint32_t limit() const { return limit_; }

  void add(RowId row, std::uint32_t distance) {
    if (heap_.size() == k_) {
      std::pop_heap(heap_.begin(), heap_.end(), nearer);
      heap_.pop_back();
    }
    heap_.push_back({row, distance});
    std::push_heap(heap_.begin(), heap_.end(), nearer);
    if (heap_.size() == k_) limit_ = heap_.front().distance;
  }

  std::vector<Neighbor> take() {
    std::sort_heap(heap_.begin(), heap_.end(), nearer);
    return std::move(heap_);
  }

 private:
  std::size_t k_;
  std::uint32_t limit_ = ~std::uint32_t{0};
  std::vector<Neighbor> heap_;
};

// `kWords` fixes the length of the codes for the compiler; 0 takes `words`.
template <std::size_t kWords>
void scan(const std::uint64_t* codes, std::size_t num_rows, std::size_t words, const std::uint64_t* query,
          std::span<const std::uint8_t> live, Nearest& nearest) {
  const std::size_t length = kWords == 0 ? words : kWords;
  for (std::size_t row = 0; row < num_rows; ++row) {
    const std::uint32_t distance = distance_in_words(codes + row * length, query, length);
    if (distance < nearest.limit() && (live.empty() || live[row] != 0)) nearest.add(row, distance);
  }
}

}  // namespace

std::vector<Neighbor> reference_nearest(const CodeArray& codes, std::span<const std::byte> query,
                                        std::size_t k, std::span<const std::uint8_t> live) {
  const std::size_t words = codes.code_bytes() / 8;
  std::vector<std::uint64_t> query_words(words);
  std::memcpy(query_words.data(), query.data(), query.size());
  const auto* rows = reinterpret_cast<const std::uint64_t*>(codes.all().data());
  Nearest nearest(k);
  if (words == 8) {
    scan<8>(rows, codes.size(), words, query_words.data(), live, nearest);
  } else {
    scan<0>(rows, codes.size(), words, query_words.data(), live, nearest);
  }
  return nearest.take();
}

std::uint32_t hamming_distance(std::span<const std::byte> a, std::span<const std::byte> b) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<std::uint32_t>(std::popcount(std::to_integer<unsigned>(a[i] ^ b[i])));
  }
  return sum;
}

double read_bandwidth(const CodeArray& codes) {
  constexpr std::size_t kSums = 32;
  constexpr int kPasses = 7;
  const auto* words = reinterpret_cast<const std::uint64_t*>(codes.all().data());
  const std::size_t num_words = codes.all().size() / 8 / kSums * kSums;
  double best_seconds = 0;
  volatile std::uint64_t kept = 0;  // so that the sums are not optimised away
  for (int pass = 0; pass < kPasses; ++pass) {
    std::uint64_t sums[kSums] = {};
    const Stopwatch watch;
    for (std::size_t i = 0; i < num_words; i += kSums) {
      for (std::size_t s = 0; s < kSums; ++s) sums[s] += words[i + s];
    }
    for (const std::uint64_t sum : sums) kept = kept + sum;
    const double seconds = watch.cpu_seconds();
    if (pass == 0 || seconds < best_seconds) best_seconds = seconds;
  }
  return static_cast<double>(num_words * 8) / best_seconds;
}

}  // namespace vitrine::benchmarks
