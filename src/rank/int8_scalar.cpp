// SPDX-License-Identifier: MIT
// The definition: every other kernel must give these sums.
#include "rank/int8_functions.h"

namespace vitrine::rank {

Int8Sums int8_sums_scalar(const std::int8_t* query, const std::int8_t* row, std::size_t size) {
  Int8Sums sums;
  for (std::size_t i = 0; i < size; ++i) {
    sums.products += std::int32_t{query[i]} * row[i];
    sums.squares += std::int32_t{row[i]} * row[i];
  }
  return sums;
}

}  // namespace vitrine::rank
