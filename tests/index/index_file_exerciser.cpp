// SPDX-License-Identifier: MIT
#include "index/index_file_exerciser.h"

#include "base/checksum.h"
#include "base/little_endian.h"
#include "index/index_format.h"
#include "index/memory_file.h"
#include "vitrine/error.h"
#include "vitrine/hamming_index.h"

namespace vitrine::test {
namespace {

void use(HammingIndex& index) {
  std::vector<std::byte> code(index.code_bits() / 8, std::byte{0x5a});
  const auto found = index.search(code, {.k = 20});
  index.search(code, {.k = 5, .target_recall = 0.9});
  index.search(code, {.k = 5, .coarse_z = 2.0});
  const PartitionId partitions[] = {1};
  index.search(code, {.k = 3, .partitions = partitions});
  index.stats();
  for (RowId id = 0; id < 40; ++id) {
    index.contains(id);
    index.code(id);
    if (id % 3 == 0) index.remove(id);
    if (id % 3 == 1) index.upsert(id, code, static_cast<PartitionId>(id % 2));
  }
  for (const Neighbor& neighbor : found) index.remove(neighbor.id);
  index.maintain();
  index.optimize();
  index.search(code, {.k = 20});
}

}  // namespace

bool exercise_index_file(std::span<const std::byte> bytes) {
  const MemoryFile file(bytes);
  try {
    HammingIndex index = HammingIndex::open(file.path());
    use(index);
    return true;
  } catch (const Error&) {
    return false;
  }
}

void repair_checksums(std::vector<std::byte>& bytes) {
  using base::get;
  using base::put;
  if (bytes.size() < index::kIndexHeaderBytes) return;
  const auto seal_header = [&] {
    put(std::span(bytes), 248, base::checksum_64(std::span(bytes).first(248)));
  };
  seal_header();
  index::IndexLayout layout;
  try {
    layout = index::layout_of(index::decode_index_header(bytes, "file").header);
  } catch (const Error&) {
    return;
  }
  for (std::size_t i = 0; i < index::kNumSections; ++i) {
    const auto section = std::span(bytes).subspan(layout.sections[i].offset, layout.sections[i].length);
    put(std::span(bytes), 104 + 8 * i, base::checksum_64(section));
  }
  seal_header();
}

}  // namespace vitrine::test
