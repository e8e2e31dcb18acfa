// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "engine/search_table.h"

namespace vitrine::engine {

/// For each of the rows `queries` the `count` other rows whose features are most alike, best first (ties:
/// lower row first), by comparing all: one pass over the features, however many queries there are. Cost: size
/// of the table x number of queries x dim. Polls `should_stop`, which may be empty, from one thread at a
/// time; true ends the work with ErrorCode::kResource. Does not depend on the number of threads.
std::vector<std::vector<std::size_t>> exact_neighbors(const SearchTable& table,
                                                      std::span<const std::size_t> queries, std::size_t count,
                                                      unsigned num_threads,
                                                      const std::function<bool()>& should_stop);

}  // namespace vitrine::engine
