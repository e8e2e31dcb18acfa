// SPDX-License-Identifier: MIT
#include "index/data_set.h"

#include <algorithm>
#include <unordered_set>

#include "index/code_generator.h"
#include "index/reference_scan.h"
#include "index/stopwatch.h"

namespace vitrine::benchmarks {

DataSet make_data_set(CodeModel model, std::size_t num_rows, std::size_t num_queries, std::size_t k) {
  DataSet data{.model = std::move(model)};
  data.rows = generate_rows(data.model, 0, num_rows);
  data.queries = generate_queries(data.model, 0, std::min(num_rows, kMaxQuerySource), num_queries);
  data.k = k;
  std::vector<double> seconds;
  for (std::size_t q = 0; q < num_queries; ++q) {
    const Stopwatch watch;
    const auto nearest = reference_nearest(data.rows, data.queries.code(q), k);
    seconds.push_back(watch.cpu_seconds());
    data.kth_distance.push_back(last_distance(nearest));
  }
  data.reference_seconds = median(seconds);
  data.bandwidth = read_bandwidth(data.rows);
  return data;
}

std::uint32_t last_distance(const std::vector<Neighbor>& nearest) {
  return nearest.empty() ? 0 : nearest.back().distance;
}

double recall_of(std::span<const Neighbor> found, std::span<const std::byte> query,
                 std::uint32_t kth_distance, std::size_t num_expected,
                 const std::function<std::span<const std::byte>(RowId)>& code_of) {
  if (num_expected == 0) return 1;
  std::unordered_set<RowId> counted;
  for (const Neighbor& neighbor : found) {
    const std::span<const std::byte> code = code_of(neighbor.id);
    if (!code.empty() && hamming_distance(code, query) <= kth_distance) counted.insert(neighbor.id);
  }
  return static_cast<double>(std::min(counted.size(), num_expected)) / static_cast<double>(num_expected);
}

}  // namespace vitrine::benchmarks
