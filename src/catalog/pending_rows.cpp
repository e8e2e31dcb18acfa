// SPDX-License-Identifier: MIT
#include "catalog/pending_rows.h"

#include <algorithm>

#include "base/checksum.h"

namespace vitrine::catalog {

void PendingRows::add(ItemId id, std::span<const std::byte> code, std::span<const Half> feature) {
  const std::size_t slot = ids_.size() % kBlockRows;
  if (ids_.size() / kBlockRows == blocks_.size()) {
    blocks_.push_back({std::vector<std::byte>(kBlockRows * shape_.code_bytes()),
                       std::vector<Half>(kBlockRows * shape_.feature_dim)});
  }
  Block& block = blocks_[ids_.size() / kBlockRows];
  ids_.push_back(id);
  checks_.push_back(feature_check(std::as_bytes(feature)));
  std::copy(code.begin(), code.end(), block.codes.data() + slot * shape_.code_bytes());
  std::copy(feature.begin(), feature.end(), block.features.data() + slot * shape_.feature_dim);
}

void PendingRows::clear() {
  ids_.clear();
  checks_.clear();
  blocks_.clear();
}

std::span<const std::byte> PendingRows::code(std::size_t row) const {
  const std::size_t bytes = shape_.code_bytes();
  return {blocks_[row / kBlockRows].codes.data() + row % kBlockRows * bytes, bytes};
}

const Half* PendingRows::feature(std::size_t row) const {
  return blocks_[row / kBlockRows].features.data() + row % kBlockRows * shape_.feature_dim;
}

// The checksum covers the padding, so that no byte of a file is without one.
template <typename View>
std::uint64_t PendingRows::write_part(base::OutputFile& file, std::uint64_t offset_bytes,
                                      std::size_t row_bytes, View view) const {
  base::RunningChecksum checksum;
  std::uint64_t written = 0;
  for (std::size_t first = 0; first < size(); first += kBlockRows) {
    const std::size_t num_rows = std::min(kBlockRows, size() - first);
    const std::span<const std::byte> bytes = view(first).first(num_rows * row_bytes);
    checksum.update(bytes);
    file.write_at(offset_bytes + written, bytes);
    written += bytes.size();
  }
  const std::vector<std::byte> padding(align_up(written) - written);
  checksum.update(padding);
  file.write_at(offset_bytes + written, padding);
  return checksum.digest();
}

std::uint64_t PendingRows::write_section(base::OutputFile& file, std::uint64_t offset_bytes,
                                         std::uint64_t first_row) const {
  const SectionLayout layout = section_layout(shape_, size(), /*has_checks=*/true);
  SectionHeader header;
  header.shape = shape_;
  header.first_row = first_row;
  header.num_rows = size();
  header.ids_checksum =
      write_part(file, offset_bytes + layout.ids_offset, sizeof(ItemId),
                 [this](std::size_t first) { return std::as_bytes(std::span(ids_).subspan(first)); });
  header.codes_checksum = write_part(
      file, offset_bytes + layout.codes_offset, shape_.code_bytes(),
      [this](std::size_t first) { return std::span<const std::byte>(blocks_[first / kBlockRows].codes); });
  header.features_checksum = write_part(
      file, offset_bytes + layout.features_offset, shape_.feature_bytes(),
      [this](std::size_t first) { return std::as_bytes(std::span(blocks_[first / kBlockRows].features)); });
  header.checks_checksum =
      write_part(file, offset_bytes + layout.checks_offset, sizeof(FeatureCheck),
                 [this](std::size_t first) { return std::as_bytes(std::span(checks_).subspan(first)); });
  file.write_at(offset_bytes, encode(header));
  return layout.length_bytes;
}

}  // namespace vitrine::catalog
