// SPDX-License-Identifier: MIT
#include "vitrine/hamming_index.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

#include "base/files.h"
#include "hamming/kernel.h"
#include "index/bit_permutation.h"
#include "index/calibration.h"
#include "index/index_file.h"
#include "index/list_keeper.h"
#include "index/row_lists.h"
#include "index/searcher.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

constexpr std::size_t kMaxCodeBits = 4096;
constexpr std::size_t kBitsPerWord = 64;
constexpr std::size_t kMinRowsPerList = 8;
constexpr std::size_t kCalibrationQueries = 768;
// In between, when a change should not take long.
constexpr std::size_t kRecalibrationQueries = 256;
// Ids of a batch that are looked up ahead.
constexpr std::size_t kPrefetchedIds = 8;
// Rows move together after so many changes, if memory is to be had from it, so many of them for each change.
constexpr std::size_t kChangesPerCompaction = 4096;
constexpr std::size_t kMovedRowsPerChange = 2;

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::kInvalidArgument, message);
}

const HammingIndexOptions& validate(const HammingIndexOptions& options) {
  const std::size_t bits = options.code_bits;
  if (bits == 0 || bits > kMaxCodeBits || bits % kBitsPerWord != 0) {
    refuse("creating a Hamming index: code_bits must be a multiple of 64 from 64 to 4096, found " +
           std::to_string(bits));
  }
  if (options.rows_per_list != 0 && options.rows_per_list < kMinRowsPerList) {
    refuse("creating a Hamming index: rows_per_list must be 0 or at least " +
           std::to_string(kMinRowsPerList) + ", found " + std::to_string(options.rows_per_list));
  }
  return options;
}

void validate(const HammingSearchOptions& options) {
  // Written so that NaN is refused.
  if (!(options.target_recall >= 0.9 && options.target_recall <= 1.0)) {
    refuse("searching a Hamming index: target_recall must lie in [0.9, 1], found " +
           std::to_string(options.target_recall));
  }
  if (options.coarse_z && !(*options.coarse_z >= 0)) {
    refuse("searching a Hamming index: coarse_z must not be negative, found " +
           std::to_string(*options.coarse_z));
  }
}

void check_nearest(const HammingSearchOptions& options) {
  validate(options);
  if (options.k == 0) refuse("searching a Hamming index: k must be at least 1, found 0");
}

}  // namespace

struct HammingIndex::Impl {
  explicit Impl(const HammingIndexOptions& options)
      : kernel(hamming::select_kernel(validate(options).kernel)),
        words(options.code_bits / kBitsPerWord),
        seed(options.seed),
        rows(words),
        permutation(options.code_bits, rows.blocks().tail_words() == 0 ? 0 : rows.blocks().head_words() * 64,
                    options.seed),
        keeper(rows, kernel, {options.min_rows_for_lists, options.rows_per_list, options.seed}),
        settings{options.seed, options.min_rows_for_lists, options.rows_per_list} {}

  // Goes on with a file; false if its map of rows does not fit the rest.
  bool attach(index::IndexFile opened, bool check_map) {
    file = std::move(opened);
    if (!rows.attach(file.rows) || (check_map && !rows.finds_all())) return false;
    file.rows = {};  // what it says is in use; the mapping stays
    keeper.attach();
    // Rules of another version of Vitrine are of no use.
    if (!file.calibration.empty() && !calibration.from_bytes(file.calibration, file.code_bits)) {
      keeper.prepare();
      calibrate(kCalibrationQueries);
    }
    return true;
  }

  // The lock of one change at a time.
  std::unique_lock<std::mutex> begin_change() {
    std::unique_lock lock(changes);
    keeper.prepare();
    return lock;
  }

  std::size_t code_bytes() const { return words * sizeof(std::uint64_t); }

  void check_code(std::span<const std::byte> code) const {
    if (code.size() != code_bytes()) {
      refuse("using a Hamming index: a code must have " + std::to_string(code_bytes()) + " bytes, found " +
             std::to_string(code.size()));
    }
  }

  void check_codes(std::span<const std::byte> codes) const {
    if (codes.size() % code_bytes() != 0) {
      refuse("using a Hamming index: codes must have a multiple of " + std::to_string(code_bytes()) +
             " bytes, found " + std::to_string(codes.size()));
    }
  }

  // Makes a change visible wholly, or undoes what was done of it.
  template <typename Change>
  void apply(std::size_t num_changes, Change&& change) {
    try {
      change();
      rows.commit();
    } catch (...) {
      rows.abort();
      keeper.forget_places();
      throw;
    }
    num_changes_since_calibration += num_changes;
    num_changes_since_compaction += num_changes;
  }

  void upsert_one(RowId id, std::span<const std::byte> code, PartitionId partition) {
    std::uint64_t stored[index::kMaxWords];
    std::memcpy(stored, code.data(), code.size());
    permutation.apply(stored);
    keeper.upsert(id, stored, partition);
  }

  // Work on the lists that commits its steps by itself; a step that fails is undone.
  template <typename Work>
  auto work(Work&& steps) {
    try {
      return steps();
    } catch (...) {
      rows.abort();
      keeper.forget_places();
      throw;
    }
  }

  void train(std::size_t num_threads) {
    work([&] { keeper.train(num_threads); });
    num_changes_since_compaction = 0;  // training has moved all rows together
    calibrate(kCalibrationQueries);
  }

  // Amortised over as many changes.
  void care_for_lists() {
    work([&] { keeper.split_overfull(); });
    if (keeper.must_train()) {
      train(1);
    } else if (keeper.has_centroids() && 4 * num_changes_since_calibration > calibration.num_rows()) {
      calibrate(kRecalibrationQueries);
    }
    give_memory_back();
  }

  // Moves at most a few rows a change, on average.
  void give_memory_back() {
    if (num_changes_since_compaction < kChangesPerCompaction) return;
    const std::size_t max_moved_rows = kMovedRowsPerChange * num_changes_since_compaction;
    num_changes_since_compaction = 0;
    if (keeper.wastes_memory()) work([&] { keeper.compact(max_moved_rows); });
  }

  void calibrate(std::size_t num_queries) {
    num_changes_since_calibration = 0;
    calibration.measure(rows, kernel, num_queries, seed);
  }

  // One version of the rows, kept alive by a pin.
  struct Version {
    std::uint64_t number;
    std::size_t num_rows;
  };

  std::vector<std::vector<Neighbor>> search(std::span<const std::byte> codes, std::size_t k,
                                            std::optional<std::uint32_t> max_distance,
                                            const HammingSearchOptions& options) const {
    const index::ReaderPins::Pin pin = rows.pin();
    return search({pin.version(), rows.size()}, codes, k, max_distance, options);
  }

  std::vector<std::vector<Neighbor>> search(const Version& version, std::span<const std::byte> codes,
                                            std::size_t k, std::optional<std::uint32_t> max_distance,
                                            const HammingSearchOptions& options) const {
    std::vector<std::uint64_t> queries(codes.size() / sizeof(std::uint64_t));
    if (!codes.empty()) std::memcpy(queries.data(), codes.data(), codes.size());
    for (std::size_t i = 0; i < queries.size(); i += words) permutation.apply(queries.data() + i);
    const auto code_bits = static_cast<std::uint32_t>(words * kBitsPerWord);
    return index::search({rows, version.number, version.num_rows, kernel, calibration, queries, k,
                          std::min(max_distance.value_or(code_bits), code_bits), options});
  }

  const hamming::Kernel& kernel;
  const std::size_t words;
  const std::uint64_t seed;
  index::IndexFile file;       // whose memory the rows may lie in
  mutable std::mutex changes;  // one change at a time
  index::RowLists rows;
  index::BitPermutation permutation;
  index::ListKeeper keeper;
  index::Calibration calibration;
  std::size_t num_changes_since_calibration = 0;
  std::size_t num_changes_since_compaction = 0;
  const index::IndexSettings settings;
};

HammingIndex::HammingIndex(const HammingIndexOptions& options) : impl_(std::make_unique<Impl>(options)) {}
HammingIndex::~HammingIndex() = default;
HammingIndex::HammingIndex(HammingIndex&&) noexcept = default;
HammingIndex& HammingIndex::operator=(HammingIndex&&) noexcept = default;

HammingIndex HammingIndex::open(const std::filesystem::path& file, const HammingIndexOpenOptions& options) {
  index::IndexFile opened = index::read_index_file(file, options.check_rows);
  HammingIndex made({.code_bits = opened.code_bits,
                     .kernel = options.kernel,
                     .min_rows_for_lists = opened.settings.min_rows_for_lists,
                     .rows_per_list = opened.settings.rows_per_list,
                     .seed = opened.settings.seed});
  if (!made.impl_->attach(std::move(opened), options.check_map)) {
    throw Error(ErrorCode::kCorrupt, "cannot open the index '" + file.string() +
                                         "': its map of rows names rows that are not there, or not all rows");
  }
  return made;
}

void HammingIndex::save(const std::filesystem::path& file, std::span<const std::byte> host_data) const {
  const auto calibration =
      impl_->calibration.is_measured() ? impl_->calibration.to_bytes() : std::vector<std::byte>{};
  index::write_index_file(base::system_files(), file, impl_->rows, impl_->settings, calibration, host_data);
}

std::span<const std::byte> HammingIndex::host_data() const {
  return impl_->file.host_data;
}

void HammingIndex::upsert(RowId id, std::span<const std::byte> code, PartitionId partition) {
  impl_->check_code(code);
  const auto lock = impl_->begin_change();
  impl_->apply(1, [&] { impl_->upsert_one(id, code, partition); });
  impl_->care_for_lists();
}

void HammingIndex::upsert_batch(std::span<const RowId> ids, std::span<const std::byte> codes,
                                std::span<const PartitionId> partitions) {
  const std::size_t code_bytes = impl_->code_bytes();
  impl_->check_codes(codes);
  if (codes.size() / code_bytes != ids.size()) {
    refuse("adding rows to a Hamming index: " + std::to_string(ids.size()) + " ids came with " +
           std::to_string(codes.size() / code_bytes) + " codes");
  }
  if (!partitions.empty() && partitions.size() != ids.size()) {
    refuse("adding rows to a Hamming index: " + std::to_string(ids.size()) + " ids came with " +
           std::to_string(partitions.size()) + " partitions; pass one each, or none");
  }
  const auto lock = impl_->begin_change();
  const bool is_bulk = impl_->keeper.has_centroids() && ids.size() >= impl_->keeper.num_rows();
  impl_->apply(ids.size(), [&] {
    if (is_bulk) impl_->keeper.begin_bulk();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (i + kPrefetchedIds < ids.size()) impl_->rows.prefetch(ids[i + kPrefetchedIds]);
      impl_->upsert_one(ids[i], codes.subspan(i * code_bytes, code_bytes),
                        partitions.empty() ? 0 : partitions[i]);
    }
  });
  if (is_bulk) {
    impl_->train(1);
  } else {
    impl_->care_for_lists();
  }
}

bool HammingIndex::remove(RowId id) {
  const auto lock = impl_->begin_change();
  bool was_there = false;
  impl_->apply(1, [&] { was_there = impl_->keeper.remove(id); });
  impl_->give_memory_back();
  return was_there;
}

void HammingIndex::optimize(std::size_t num_threads) {
  const auto lock = impl_->begin_change();
  impl_->train(std::max<std::size_t>(num_threads, 1));
}

bool HammingIndex::maintain(std::size_t max_moved_rows) {
  const auto lock = impl_->begin_change();
  if (4 * impl_->num_changes_since_calibration > impl_->calibration.num_rows() &&
      impl_->keeper.has_centroids()) {
    impl_->calibrate(kCalibrationQueries);
  }
  return impl_->work([&] { return impl_->keeper.compact(max_moved_rows); });
}

std::vector<Neighbor> HammingIndex::search(std::span<const std::byte> code,
                                           const HammingSearchOptions& options) const {
  impl_->check_code(code);
  return std::move(search_batch(code, options).front());
}

std::vector<std::vector<Neighbor>> HammingIndex::search_batch(std::span<const std::byte> codes,
                                                              const HammingSearchOptions& options) const {
  impl_->check_codes(codes);
  check_nearest(options);
  return impl_->search(codes, options.k, options.max_distance, options);
}

std::vector<Neighbor> HammingIndex::search_radius(std::span<const std::byte> code, std::uint32_t radius,
                                                  const HammingSearchOptions& options) const {
  impl_->check_code(code);
  validate(options);
  return std::move(impl_->search(code, 0, radius, options).front());
}

struct HammingIndex::Snapshot::Kept {
  const Impl& index;
  index::ReaderPins::Pin pin;
  Impl::Version version;
};

HammingIndex::Snapshot::Snapshot(std::unique_ptr<Kept> kept) : kept_(std::move(kept)) {}
HammingIndex::Snapshot::Snapshot(Snapshot&&) noexcept = default;
HammingIndex::Snapshot& HammingIndex::Snapshot::operator=(Snapshot&&) noexcept = default;
HammingIndex::Snapshot::~Snapshot() = default;

HammingIndex::Snapshot HammingIndex::snapshot() const {
  const std::lock_guard lock(impl_->changes);
  index::ReaderPins::Pin pin = impl_->rows.pin();
  const Impl::Version version{pin.version(), impl_->rows.size()};
  return Snapshot(std::make_unique<Snapshot::Kept>(Snapshot::Kept{*impl_, std::move(pin), version}));
}

std::vector<Neighbor> HammingIndex::Snapshot::search(std::span<const std::byte> code,
                                                     const HammingSearchOptions& options) const {
  kept_->index.check_code(code);
  check_nearest(options);
  return std::move(
      kept_->index.search(kept_->version, code, options.k, options.max_distance, options).front());
}

std::size_t HammingIndex::Snapshot::size() const {
  return kept_->version.num_rows;
}

std::size_t HammingIndex::size() const {
  return impl_->rows.size();
}

bool HammingIndex::contains(RowId id) const {
  const auto pin = impl_->rows.pin();
  return impl_->rows.find(id).has_value();
}

std::optional<std::vector<std::byte>> HammingIndex::code(RowId id) const {
  const auto pin = impl_->rows.pin();
  const auto slot = impl_->rows.find(id);
  if (!slot) return std::nullopt;
  std::uint64_t stored[index::kMaxWords];
  impl_->rows.blocks().read_code(*slot, stored);
  impl_->permutation.invert(stored);
  std::vector<std::byte> code(impl_->code_bytes());
  std::memcpy(code.data(), stored, code.size());
  return code;
}

std::size_t HammingIndex::code_bits() const {
  return impl_->words * kBitsPerWord;
}

std::size_t HammingIndex::memory_bytes() const {
  const std::lock_guard lock(impl_->changes);
  return impl_->rows.memory_bytes() + impl_->keeper.memory_bytes();
}

HammingIndexStats HammingIndex::stats() const {
  const std::lock_guard lock(impl_->changes);
  HammingIndexStats stats;
  stats.num_rows = impl_->rows.size();
  for (std::size_t list = 0; list < impl_->rows.lists().size(); ++list) {
    stats.num_lists += impl_->rows.num_rows(static_cast<index::ListIndex>(list)) != 0 ? 1 : 0;
  }
  stats.memory_bytes = impl_->rows.memory_bytes() + impl_->keeper.memory_bytes();
  if (!impl_->calibration.is_measured()) return stats;
  constexpr auto kTargets = index::Calibration::kTargets;
  for (std::size_t i = 0; i < kTargets.size(); ++i) {
    stats.calibrated.push_back({kTargets[i], impl_->calibration.achieved_recall(i)});
  }
  return stats;
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
