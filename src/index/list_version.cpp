// SPDX-License-Identifier: MIT
#include "index/list_version.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace vitrine::index {
namespace {

ListVersion::Pointer allocate(std::size_t num_extents, std::size_t num_blocks) {
  const std::size_t bytes = sizeof(ListVersion) + num_extents * sizeof(Extent) + num_blocks;
  auto* made = ::new (::operator new(bytes)) ListVersion{};
  made->num_extents = static_cast<std::uint32_t>(num_extents);
  made->num_blocks = static_cast<std::uint32_t>(num_blocks);
  return ListVersion::Pointer(made);
}

}  // namespace

ListVersion::Pointer ListVersion::make(std::span<const Extent> extents) {
  std::size_t num_blocks = 0;
  for (const Extent& extent : extents) num_blocks += extent.num_blocks;
  Pointer made = allocate(extents.size(), num_blocks);
  std::copy(extents.begin(), extents.end(), made->extents().begin());
  std::fill_n(made->live(), num_blocks, std::uint8_t{0});
  return made;
}

ListVersion::Pointer ListVersion::copy() const {
  Pointer made = allocate(num_extents, num_blocks);
  made->num_rows = num_rows;
  std::memcpy(static_cast<void*>(made->extents().data()), extents().data(),
              num_extents * sizeof(Extent) + num_blocks);
  return made;
}

ListVersion::Pointer ListVersion::grown(const Extent& extra, bool continues) const {
  Pointer made = allocate(num_extents + (continues ? 0 : 1), num_blocks + extra.num_blocks);
  made->num_rows = num_rows;
  std::copy(extents().begin(), extents().end(), made->extents().begin());
  if (continues) {
    made->extents().back().num_blocks += extra.num_blocks;
  } else {
    made->extents().back() = extra;
  }
  std::copy_n(live(), num_blocks, made->live());
  std::fill_n(made->live() + num_blocks, extra.num_blocks, std::uint8_t{0});
  return made;
}

std::optional<std::size_t> ListVersion::position(BlockIndex block) const {
  std::size_t before = 0;
  for (const Extent& extent : extents()) {
    // Unsigned: a block in front of the extent gives a large number.
    if (block - extent.first < extent.num_blocks) return before + (block - extent.first);
    before += extent.num_blocks;
  }
  return std::nullopt;
}

}  // namespace vitrine::index
