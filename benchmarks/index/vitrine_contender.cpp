// SPDX-License-Identifier: MIT
#include <numeric>

#include "index/contender.h"

namespace vitrine::benchmarks {
namespace {

class VitrineContender : public Contender {
 public:
  explicit VitrineContender(std::size_t code_bits) : index_({.code_bits = code_bits}) {}

  std::string name() const override { return "vitrine"; }

  void build(const CodeArray& rows) override {
    std::vector<RowId> ids(rows.size());
    std::iota(ids.begin(), ids.end(), RowId{0});
    index_.upsert_batch(ids, rows.all());
  }

  std::string setting_name() const override { return "target recall"; }
  std::vector<double> settings() const override {
    return {0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 1.0};
  }
  void apply(double setting) override { target_recall_ = setting; }

  std::vector<std::vector<Neighbor>> search(std::span<const std::byte> queries,
                                            std::size_t k) const override {
    return index_.search_batch(queries, {.k = k, .target_recall = target_recall_});
  }

  bool remove(RowId id) override { return index_.remove(id); }
  bool upsert(RowId id, std::span<const std::byte> code) override {
    index_.upsert(id, code);
    return true;
  }
  std::optional<std::size_t> memory_bytes() const override { return index_.memory_bytes(); }

 private:
  HammingIndex index_;
  double target_recall_ = 1;
};

}  // namespace

std::unique_ptr<Contender> make_vitrine(std::size_t code_bits) {
  return std::make_unique<VitrineContender>(code_bits);
}

}  // namespace vitrine::benchmarks
