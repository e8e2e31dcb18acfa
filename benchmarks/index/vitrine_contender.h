// SPDX-License-Identifier: MIT
#pragma once
/// Vitrine's own index among the contenders.
#include <numeric>
#include <string>
#include <vector>

#include "index/contender.h"

namespace vitrine::benchmarks {

/// Adds all rows with one call; ids are `first_id` and those that follow.
inline void add_rows(HammingIndex& index, const CodeArray& rows, RowId first_id = 0) {
  std::vector<RowId> ids(rows.size());
  std::iota(ids.begin(), ids.end(), first_id);
  index.upsert_batch(ids, rows.all());
}

/// Swept over target recall.
class VitrineContender : public Contender {
 public:
  explicit VitrineContender(std::size_t code_bits) : index_(HammingIndexOptions{.code_bits = code_bits}) {}

  std::string name() const override { return "vitrine"; }
  void build(const CodeArray& rows) override { add_rows(index_, rows); }
  std::string setting_name() const override { return "target recall"; }
  std::vector<double> settings() const override {
    return {0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 1.0};
  }
  void apply(double setting) override { target_recall_ = setting; }
  std::vector<std::vector<Neighbor>> search(std::span<const std::byte> queries,
                                            std::size_t k) const override {
    HammingSearchOptions options{.k = k};
    options.target_recall = target_recall_;
    // One query goes the way that most hosts take.
    if (queries.size() * 8 == index_.code_bits()) return {index_.search(queries, options)};
    return index_.search_batch(queries, options);
  }
  bool remove(RowId id) override { return index_.remove(id); }
  std::optional<std::size_t> memory_bytes() const override { return index_.memory_bytes(); }

  HammingIndex& index() { return index_; }

 private:
  HammingIndex index_;
  double target_recall_ = 1;
};

/// The same index, searched with the coarse filter; swept over z.
class CoarseContender : public Contender {
 public:
  explicit CoarseContender(const HammingIndex& index) : index_(index) {}

  std::string name() const override { return "vitrine"; }
  void build(const CodeArray& /*rows*/) override {}
  std::string setting_name() const override { return "coarse z"; }
  std::vector<double> settings() const override { return {2.0, 2.5, 3.0, 3.5}; }
  void apply(double setting) override { z_ = setting; }
  std::vector<std::vector<Neighbor>> search(std::span<const std::byte> queries,
                                            std::size_t k) const override {
    return index_.search_batch(queries, {.k = k, .coarse_z = z_});
  }

 private:
  const HammingIndex& index_;
  double z_ = 3;
};

}  // namespace vitrine::benchmarks
