// SPDX-License-Identifier: MIT
#include "clicks/held_out.h"

#include <cstdint>
#include <limits>
#include <span>

#include "vitrine/catalog.h"

namespace vitrine::clicks {

bool is_held_out(const std::string& photo, double share) {
  const std::uint64_t hash = content_hash(std::as_bytes(std::span(photo))).low;
  return static_cast<double>(hash) < share * static_cast<double>(std::numeric_limits<std::uint64_t>::max());
}

}  // namespace vitrine::clicks
