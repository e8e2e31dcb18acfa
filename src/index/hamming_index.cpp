// SPDX-License-Identifier: MIT
#include "vitrine/hamming_index.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "hamming/kernel.h"
#include "index/fair_shared_mutex.h"
#include "index/nearest_selection.h"
#include "index/row_store.h"
#include "index/scan.h"
#include "index/slot_map.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using hamming::kRowsPerBlock;

constexpr std::size_t kMaxCodeBits = 4096;
constexpr std::size_t kBitsPerWord = 64;

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::kInvalidArgument, message);
}

std::size_t checked_words(std::size_t code_bits) {
  if (code_bits == 0 || code_bits > kMaxCodeBits || code_bits % kBitsPerWord != 0) {
    refuse("creating a Hamming index: code_bits must be a multiple of 64 from 64 to 4096, found " +
           std::to_string(code_bits));
  }
  return code_bits / kBitsPerWord;
}

void check_options(const HammingSearchOptions& options) {
  // Written so that NaN is refused.
  if (!(options.target_recall >= 0.9 && options.target_recall <= 1.0)) {
    refuse("searching a Hamming index: target_recall must lie in [0.9, 1], found " +
           std::to_string(options.target_recall));
  }
}

}  // namespace

struct HammingIndex::Impl {
  explicit Impl(const HammingIndexOptions& options)
      : rows(checked_words(options.code_bits)),
        slots(rows),
        kernel(hamming::select_kernel(options.kernel)),
        code_bytes(options.code_bits / 8) {}

  void check_code(std::span<const std::byte> code) const {
    if (code.size() != code_bytes) {
      refuse("using a Hamming index: a code must have " + std::to_string(code_bytes) + " bytes, found " +
             std::to_string(code.size()));
    }
  }

  void check_codes(std::span<const std::byte> codes) const {
    if (codes.size() % code_bytes != 0) {
      refuse("using a Hamming index: codes must have a multiple of " + std::to_string(code_bytes) +
             " bytes, found " + std::to_string(codes.size()));
    }
  }

  // Everything the change may have to allocate, so that it cannot fail half-way.
  void reserve(std::span<const RowId> ids, std::span<const PartitionId> partitions) {
    rows.forget_empty_partitions();
    std::unordered_map<PartitionId, std::size_t> num_arriving;
    std::size_t num_new = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const PartitionId partition = partitions.empty() ? 0 : partitions[i];
      const auto slot = slots.find(ids[i]);
      if (!slot) ++num_new;
      // At no time does a partition hold more rows than before and those counted here.
      num_arriving[partition] += !slot || rows.partition(*slot) != partition ? 1 : 0;
    }
    std::size_t num_blocks = 0;
    for (const auto& [partition, count] : num_arriving) {
      rows.reserve_partition(partition);
      num_blocks += (count + kRowsPerBlock - 1) / kRowsPerBlock;
    }
    rows.reserve_blocks(num_blocks);
    slots.reserve(num_new);
  }

  void upsert_reserved(RowId id, std::span<const std::byte> code, PartitionId partition) noexcept {
    const auto slot = slots.find(id);
    if (!slot) {
      slots.insert(id, rows.add(id, code, partition));
    } else if (rows.partition(*slot) == partition) {
      rows.replace_code(*slot, code);
    } else {
      // The map finds an id through its slot's row, so the old row goes after the map has the new one.
      slots.replace(id, rows.add(id, code, partition));
      rows.remove(*slot);
    }
  }

  // Results for each code of `codes`; k = 0 takes all rows within `max_distance`.
  std::vector<std::vector<Neighbor>> search(std::span<const std::byte> codes, std::size_t k,
                                            std::optional<std::uint32_t> max_distance,
                                            const HammingSearchOptions& options) const {
    const std::size_t num_queries = codes.size() / code_bytes;
    std::vector<std::uint64_t> queries(num_queries * rows.words());
    if (!codes.empty()) std::memcpy(queries.data(), codes.data(), codes.size());
    const auto code_bits = static_cast<std::uint32_t>(code_bytes * 8);

    std::vector<std::vector<Neighbor>> results(num_queries);
    const std::shared_lock lock(mutex);
    // More neighbours than rows can be asked for, but no selection need be larger.
    const std::size_t kept = std::min(k, std::max<std::size_t>(slots.size(), 1));
    std::vector<index::NearestSelection> selections(
        num_queries, index::NearestSelection(kept, std::min(max_distance.value_or(code_bits), code_bits)));
    index::scan_rows(rows, kernel, queries, {options.partitions, options.filter}, selections);
    for (std::size_t q = 0; q < num_queries; ++q) results[q] = selections[q].take();
    return results;
  }

  mutable index::FairSharedMutex mutex;
  index::RowStore rows;
  index::SlotMap slots;
  const hamming::Kernel& kernel;
  const std::size_t code_bytes;
};

HammingIndex::HammingIndex(const HammingIndexOptions& options) : impl_(std::make_unique<Impl>(options)) {}
HammingIndex::~HammingIndex() = default;
HammingIndex::HammingIndex(HammingIndex&&) noexcept = default;
HammingIndex& HammingIndex::operator=(HammingIndex&&) noexcept = default;

void HammingIndex::upsert(RowId id, std::span<const std::byte> code, PartitionId partition) {
  impl_->check_code(code);
  const std::lock_guard lock(impl_->mutex);
  impl_->reserve({&id, 1}, {&partition, 1});
  impl_->upsert_reserved(id, code, partition);
}

void HammingIndex::upsert_batch(std::span<const RowId> ids, std::span<const std::byte> codes,
                                std::span<const PartitionId> partitions) {
  const std::size_t code_bytes = impl_->code_bytes;
  impl_->check_codes(codes);
  if (codes.size() / code_bytes != ids.size()) {
    refuse("adding rows to a Hamming index: " + std::to_string(ids.size()) + " ids came with " +
           std::to_string(codes.size() / code_bytes) + " codes");
  }
  if (!partitions.empty() && partitions.size() != ids.size()) {
    refuse("adding rows to a Hamming index: " + std::to_string(ids.size()) + " ids came with " +
           std::to_string(partitions.size()) + " partitions; pass one each, or none");
  }
  const std::lock_guard lock(impl_->mutex);
  impl_->reserve(ids, partitions);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    impl_->upsert_reserved(ids[i], codes.subspan(i * code_bytes, code_bytes),
                           partitions.empty() ? 0 : partitions[i]);
  }
}

bool HammingIndex::remove(RowId id) {
  const std::lock_guard lock(impl_->mutex);
  const auto slot = impl_->slots.find(id);
  if (!slot) return false;
  impl_->slots.erase(id);
  impl_->rows.remove(*slot);
  return true;
}

std::vector<Neighbor> HammingIndex::search(std::span<const std::byte> code,
                                           const HammingSearchOptions& options) const {
  impl_->check_code(code);
  return std::move(search_batch(code, options).front());
}

std::vector<std::vector<Neighbor>> HammingIndex::search_batch(std::span<const std::byte> codes,
                                                              const HammingSearchOptions& options) const {
  impl_->check_codes(codes);
  check_options(options);
  if (options.k == 0) refuse("searching a Hamming index: k must be at least 1, found 0");
  return impl_->search(codes, options.k, options.max_distance, options);
}

std::vector<Neighbor> HammingIndex::search_radius(std::span<const std::byte> code, std::uint32_t radius,
                                                  const HammingSearchOptions& options) const {
  impl_->check_code(code);
  check_options(options);
  return std::move(impl_->search(code, 0, radius, options).front());
}

std::size_t HammingIndex::size() const {
  const std::shared_lock lock(impl_->mutex);
  return impl_->slots.size();
}

bool HammingIndex::contains(RowId id) const {
  const std::shared_lock lock(impl_->mutex);
  return impl_->slots.find(id).has_value();
}

std::optional<std::vector<std::byte>> HammingIndex::code(RowId id) const {
  const std::shared_lock lock(impl_->mutex);
  const auto slot = impl_->slots.find(id);
  if (!slot) return std::nullopt;
  std::vector<std::byte> code(impl_->code_bytes);
  impl_->rows.read_code(*slot, code);
  return code;
}

std::size_t HammingIndex::code_bits() const {
  return impl_->code_bytes * 8;
}

std::size_t HammingIndex::memory_bytes() const {
  const std::shared_lock lock(impl_->mutex);
  return impl_->rows.memory_bytes() + impl_->slots.memory_bytes();
}

std::string_view HammingIndex::kernel() const {
  return impl_->kernel.name;
}

std::vector<std::string_view> HammingIndex::available_kernels() {
  std::vector<std::string_view> names;
  for (const hamming::Kernel* kernel : hamming::available_kernels()) names.emplace_back(kernel->name);
  return names;
}

}  // namespace vitrine
