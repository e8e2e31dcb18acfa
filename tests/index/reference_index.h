// SPDX-License-Identifier: MIT
#pragma once
/// What a HammingIndex must answer, computed the obvious way from a std::map.
#include <map>
#include <vector>

#include "index/codes.h"
#include "vitrine/hamming_index.h"

namespace vitrine::test {

class ReferenceIndex {
 public:
  struct Row {
    Code code;
    PartitionId partition;
  };

  void upsert(RowId id, Code code, PartitionId partition) { rows_[id] = {std::move(code), partition}; }
  bool remove(RowId id) { return rows_.erase(id) != 0; }
  std::vector<Neighbor> search(const Code& code, const HammingSearchOptions& options) const;
  std::vector<Neighbor> search_radius(const Code& code, std::uint32_t radius,
                                      const HammingSearchOptions& options) const;
  const std::map<RowId, Row>& rows() const { return rows_; }

 private:
  std::map<RowId, Row> rows_;
};

}  // namespace vitrine::test
