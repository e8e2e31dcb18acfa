// SPDX-License-Identifier: MIT
#include "index/reference_index.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>

namespace vitrine::test {

std::vector<Neighbor> ReferenceIndex::search_radius(const Code& code, std::uint32_t radius,
                                                    const HammingSearchOptions& options) const {
  std::vector<Neighbor> result;
  for (const auto& [id, row] : rows_) {
    std::uint32_t distance = 0;
    for (std::size_t i = 0; i < code.size(); ++i) {
      distance +=
          static_cast<std::uint32_t>(std::popcount(static_cast<unsigned char>(code[i] ^ row.code[i])));
    }
    if (distance > radius) continue;
    const auto& wanted = options.partitions;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), row.partition) == wanted.end()) continue;
    if (options.filter && !options.filter(id)) continue;
    result.push_back({id, distance});
  }
  std::sort(result.begin(), result.end(), [](const Neighbor& left, const Neighbor& right) {
    return std::tie(left.distance, left.id) < std::tie(right.distance, right.id);
  });
  return result;
}

std::vector<Neighbor> ReferenceIndex::search(const Code& code, const HammingSearchOptions& options) const {
  const auto radius = options.max_distance.value_or(std::numeric_limits<std::uint32_t>::max());
  std::vector<Neighbor> result = search_radius(code, radius, options);
  if (result.size() > options.k) result.resize(options.k);
  return result;
}

}  // namespace vitrine::test
