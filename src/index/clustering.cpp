// SPDX-License-Identifier: MIT
#include "index/clustering.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

#include "base/parallel.h"
#include "index/vertical_codes.h"

namespace vitrine::index {
namespace {

constexpr int kIterations = 4;
// More centroids than this are trained in two levels.
constexpr std::size_t kMaxFlat = 128;
// Codes that a centroid of the upper level is trained on.
constexpr std::size_t kSamplePerGroup = 256;
constexpr std::size_t kCodesPerPart = 1024;

// Counts, for each bit position of a word, how many of the added words have the bit: plane p holds bit p of
// all 64 counts, so that adding a word is a ripple of carries through a few words.
class BitCounts {
 public:
  void add(std::uint64_t word) {
    ++count_;
    for (std::uint64_t& plane : planes_) {
      const std::uint64_t carry = plane & word;
      plane ^= word;
      word = carry;
      if (word == 0) return;
    }
  }

  // The bits that more than half of the words have; those of exactly half are as in `even`.
  std::uint64_t majority(std::uint64_t even) const {
    const std::uint32_t half = count_ / 2;
    std::uint64_t more = 0;
    std::uint64_t equal = ~std::uint64_t{0};
    for (std::size_t p = planes_.size(); p-- > 0;) {
      const std::uint64_t bit = (half >> p & 1) != 0 ? ~std::uint64_t{0} : 0;
      more |= equal & planes_[p] & ~bit;
      equal &= ~(planes_[p] ^ bit);
    }
    return count_ % 2 == 0 ? more | (equal & even) : more;
  }

 private:
  std::array<std::uint64_t, 32> planes_{};
  std::uint32_t count_ = 0;
};

// Row numbers ordered by the cluster they are assigned to, and where each cluster begins.
struct Grouping {
  std::vector<std::uint32_t> rows;
  std::vector<std::size_t> begins;

  Grouping(std::span<const std::uint32_t> assigned, std::size_t num_clusters)
      : rows(assigned.size()), begins(num_clusters + 1) {
    for (const std::uint32_t cluster : assigned) ++begins[cluster + 1];
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    std::vector<std::size_t> next(begins.begin(), begins.end() - 1);
    for (std::size_t row = 0; row < assigned.size(); ++row) {
      rows[next[assigned[row]]++] = static_cast<std::uint32_t>(row);
    }
  }
  std::span<const std::uint32_t> of(std::size_t cluster) const {
    return std::span(rows).subspan(begins[cluster], begins[cluster + 1] - begins[cluster]);
  }
};

std::vector<std::uint64_t> gather(std::span<const std::uint64_t> codes, std::span<const std::uint32_t> rows,
                                  std::size_t words) {
  std::vector<std::uint64_t> gathered(rows.size() * words);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(codes.data() + rows[i] * words, words, gathered.data() + i * words);
  }
  return gathered;
}

// `count` different rows out of `num_rows`, in random order.
std::vector<std::uint32_t> draw(std::size_t num_rows, std::size_t count, std::mt19937_64& random) {
  std::vector<std::uint32_t> rows(num_rows);
  std::iota(rows.begin(), rows.end(), 0u);
  count = std::min(count, num_rows);
  for (std::size_t i = 0; i < count; ++i) std::swap(rows[i], rows[i + random() % (num_rows - i)]);
  rows.resize(count);
  return rows;
}

void remove_duplicates(std::vector<std::uint64_t>& centroids, std::size_t words) {
  const std::size_t count = centroids.size() / words;
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  const auto code = [&](std::uint32_t i) { return std::span(centroids).subspan(i * words, words); };
  std::sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
    const int difference = std::memcmp(code(left).data(), code(right).data(), words * sizeof(std::uint64_t));
    return difference != 0 ? difference < 0 : left < right;
  });
  const auto last = std::unique(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
    return std::equal(code(left).begin(), code(left).end(), code(right).begin());
  });
  order.erase(last, order.end());
  std::sort(order.begin(), order.end());
  centroids = gather(centroids, order, words);
}

std::vector<std::uint64_t> train_flat(const hamming::Kernel& kernel, std::span<const std::uint64_t> codes,
                                      std::size_t words, std::size_t num_centroids, std::uint64_t seed,
                                      std::size_t num_threads) {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> centroids =
      gather(codes, draw(codes.size() / words, num_centroids, random), words);
  remove_duplicates(centroids, words);
  for (int i = 0; i < kIterations && centroids.size() > words; ++i) {
    update_centroids(codes, assign_all(kernel, codes, centroids, words, num_threads), words, centroids);
    remove_duplicates(centroids, words);
  }
  return centroids;
}

}  // namespace

std::vector<std::uint32_t> assign_all(const hamming::Kernel& kernel, std::span<const std::uint64_t> codes,
                                      std::span<const std::uint64_t> centroids, std::size_t words,
                                      std::size_t num_threads) {
  VerticalCodes table(words);
  for (std::size_t i = 0; i < centroids.size(); i += words) table.push_back(centroids.data() + i);
  std::vector<std::uint32_t> assigned(codes.size() / words);
  base::for_each_part(static_cast<unsigned>(num_threads), assigned.size(), kCodesPerPart,
                      [&](std::size_t begin, std::size_t end) {
                        std::vector<std::uint64_t> found(end - begin);
                        table.nearest(kernel, codes.data() + begin * words, end - begin, found.data());
                        std::transform(
                            found.begin(), found.end(), assigned.begin() + static_cast<std::ptrdiff_t>(begin),
                            [](std::uint64_t nearest) { return static_cast<std::uint32_t>(nearest); });
                      });
  return assigned;
}

void update_centroids(std::span<const std::uint64_t> codes, std::span<const std::uint32_t> assigned,
                      std::size_t words, std::span<std::uint64_t> centroids) {
  const Grouping grouping(assigned, centroids.size() / words);
  for (std::size_t cluster = 0; cluster < centroids.size() / words; ++cluster) {
    const auto rows = grouping.of(cluster);
    if (rows.empty()) continue;
    std::vector<BitCounts> counts(words);
    for (const std::uint32_t row : rows) {
      for (std::size_t word = 0; word < words; ++word) counts[word].add(codes[row * words + word]);
    }
    for (std::size_t word = 0; word < words; ++word) {
      std::uint64_t& centroid = centroids[cluster * words + word];
      centroid = counts[word].majority(centroid);
    }
  }
}

std::vector<std::uint64_t> train_centroids(const hamming::Kernel& kernel,
                                           std::span<const std::uint64_t> codes, std::size_t words,
                                           const ClusteringOptions& options) {
  const std::size_t num_codes = codes.size() / words;
  if (options.num_centroids <= kMaxFlat) {
    return train_flat(kernel, codes, words, options.num_centroids, options.seed, options.num_threads);
  }
  const auto num_groups =
      static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(options.num_centroids))));
  std::mt19937_64 random(options.seed);
  const std::vector<std::uint64_t> sample =
      gather(codes, draw(num_codes, kSamplePerGroup * num_groups, random), words);
  const std::vector<std::uint64_t> upper =
      train_flat(kernel, sample, words, num_groups, options.seed, options.num_threads);
  const Grouping groups(assign_all(kernel, codes, upper, words, options.num_threads), upper.size() / words);

  std::vector<std::vector<std::uint64_t>> trained(upper.size() / words);
  base::parallel_for(trained.size(), static_cast<unsigned>(options.num_threads), [&](std::size_t group) {
    const auto rows = groups.of(group);
    if (rows.empty()) return;
    const std::size_t share = (options.num_centroids * rows.size() + num_codes / 2) / num_codes;
    trained[group] = train_flat(kernel, gather(codes, rows, words), words, std::max<std::size_t>(share, 1),
                                options.seed + group, 1);
  });
  std::vector<std::uint64_t> centroids;
  for (const auto& part : trained) centroids.insert(centroids.end(), part.begin(), part.end());
  remove_duplicates(centroids, words);
  return centroids;
}

}  // namespace vitrine::index
