// SPDX-License-Identifier: MIT
#include "index/vertical_codes.h"

#include <algorithm>
#include <limits>

namespace vitrine::index {

using hamming::kRowsPerBlock;

void VerticalCodes::write(std::size_t index, const std::uint64_t* code) {
  std::uint64_t* block = blocks_.data() + index / kRowsPerBlock * words_ * kRowsPerBlock;
  const std::size_t row = index % kRowsPerBlock;
  const std::size_t first_repeat = size_ - index / kRowsPerBlock * kRowsPerBlock;
  for (std::size_t word = 0; word < words_; ++word) {
    block[word * kRowsPerBlock + row] = code[word];
    if (row != 0) continue;
    for (std::size_t repeat = std::max<std::size_t>(first_repeat, 1); repeat < kRowsPerBlock; ++repeat) {
      block[word * kRowsPerBlock + repeat] = code[word];
    }
  }
}

void VerticalCodes::push_back(const std::uint64_t* code) {
  if (size_ % kRowsPerBlock == 0) blocks_.resize(blocks_.size() + words_ * kRowsPerBlock);
  ++size_;
  write(size_ - 1, code);
}

void VerticalCodes::remove(std::size_t index) {
  std::vector<std::uint64_t> code(words_);
  if (index != size_ - 1) {
    read(size_ - 1, code.data());
    write(index, code.data());
  }
  --size_;
  const std::size_t row = size_ % kRowsPerBlock;
  if (row == 0) {
    blocks_.resize(blocks_.size() - words_ * kRowsPerBlock);
  } else {
    read(size_ - row, code.data());
    write(size_ - row, code.data());
  }
}

void VerticalCodes::read(std::size_t index, std::uint64_t* code) const {
  const std::uint64_t* block = blocks_.data() + index / kRowsPerBlock * words_ * kRowsPerBlock;
  for (std::size_t word = 0; word < words_; ++word) {
    code[word] = block[word * kRowsPerBlock + index % kRowsPerBlock];
  }
}

void VerticalCodes::nearest(const hamming::Kernel& kernel, const std::uint64_t* queries,
                            std::size_t num_queries, std::uint64_t* found) const {
  kernel.nearest(
      {blocks_.data(), (size_ + kRowsPerBlock - 1) / kRowsPerBlock, words_, queries, num_queries, found});
}

std::vector<std::uint32_t> VerticalCodes::nearest(const hamming::Kernel& kernel, const std::uint64_t* query,
                                                  std::size_t count) const {
  const std::size_t num_blocks = (size_ + kRowsPerBlock - 1) / kRowsPerBlock;
  const std::uint16_t limit = std::numeric_limits<std::uint16_t>::max();
  std::vector<hamming::BlockHit> hits(num_blocks);
  std::uint32_t num_hits = 0;
  kernel.find({blocks_.data(), nullptr, words_, 0, num_blocks, nullptr, query, words_, 1, &limit, hits.data(),
               &num_hits});
  std::vector<std::uint64_t> order(size_);
  for (std::size_t i = 0; i < size_; ++i) {
    order[i] = std::uint64_t{hits[i / kRowsPerBlock].distances[i % kRowsPerBlock]} << 32 | i;
  }
  count = std::min(count, size_);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end());
  std::vector<std::uint32_t> found(count);
  for (std::size_t i = 0; i < count; ++i) found[i] = static_cast<std::uint32_t>(order[i]);
  return found;
}

}  // namespace vitrine::index
