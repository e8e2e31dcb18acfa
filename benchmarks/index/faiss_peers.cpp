// SPDX-License-Identifier: MIT
// FAISS's indexes of binary codes, each on one thread.
#include <faiss/IndexBinaryFlat.h>
#include <faiss/IndexBinaryHNSW.h>
#include <faiss/IndexBinaryHash.h>
#include <faiss/IndexBinaryIVF.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/IDSelector.h>
#include <omp.h>

#include <algorithm>
#include <bit>

#include "index/contender.h"
#include "vitrine/error.h"

namespace vitrine::benchmarks {
namespace {

const std::uint8_t* as_bytes(std::span<const std::byte> codes) {
  return reinterpret_cast<const std::uint8_t*>(codes.data());
}

// What the four have in common.
class FaissContender : public Contender {
 public:
  void build(const CodeArray& rows) override {
    omp_set_num_threads(1);
    const auto num_rows = static_cast<faiss::IndexBinary::idx_t>(rows.size());
    index().train(num_rows, as_bytes(rows.all()));
    index().add(num_rows, as_bytes(rows.all()));
  }

  std::vector<std::vector<Neighbor>> search(std::span<const std::byte> queries,
                                            std::size_t k) const override {
    omp_set_num_threads(1);  // the setting is the calling thread's own
    const std::size_t num_queries = queries.size() / static_cast<std::size_t>(index().code_size);
    std::vector<std::int32_t> distances(num_queries * k);
    std::vector<faiss::IndexBinary::idx_t> labels(num_queries * k);
    index().search(static_cast<faiss::IndexBinary::idx_t>(num_queries), as_bytes(queries),
                   static_cast<faiss::IndexBinary::idx_t>(k), distances.data(), labels.data());
    std::vector<std::vector<Neighbor>> results(num_queries);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] < 0) continue;
      results[i / k].push_back({static_cast<RowId>(labels[i]), static_cast<std::uint32_t>(distances[i])});
    }
    return results;
  }

 protected:
  virtual faiss::IndexBinary& index() = 0;
  const faiss::IndexBinary& index() const { return const_cast<FaissContender*>(this)->index(); }

  bool remove_one(RowId id) {
    const auto label = static_cast<faiss::IndexBinary::idx_t>(id);
    return index().remove_ids(faiss::IDSelectorRange(label, label + 1)) == 1;
  }
};

class Flat : public FaissContender {
 public:
  explicit Flat(std::size_t code_bits) : index_(static_cast<int>(code_bits)) {}
  std::string name() const override { return "faiss flat"; }
  // Renumbers all rows behind; only for timing.
  bool remove(RowId id) override { return remove_one(id); }
  std::optional<std::size_t> memory_bytes() const override { return index_.xb.capacity(); }

 protected:
  faiss::IndexBinary& index() override { return index_; }

 private:
  faiss::IndexBinaryFlat index_;
};

// Training and adding take time in proportion to the lists: with more, ten million rows would take an hour.
constexpr std::size_t kMaxLists = 4096;

// Lists of 256 rows on average, or longer ones. Four rounds of k-means on 40 rows a list: the training is on
// one thread and on floats, and more rounds change little.
class InvertedLists : public FaissContender {
 public:
  InvertedLists(std::size_t code_bits, std::size_t num_rows)
      : num_lists_(std::min(kMaxLists, std::bit_ceil(num_rows / 256 + 1))),
        quantizer_(static_cast<int>(code_bits)),
        index_(&quantizer_, code_bits, num_lists_) {
    index_.cp.niter = 4;
    index_.cp.max_points_per_centroid = 40;
  }
  std::string name() const override { return "faiss IVF"; }
  std::string setting_name() const override { return "nprobe"; }
  std::vector<double> settings() const override {
    std::vector<double> values;
    for (std::size_t probes = 1; probes <= num_lists_ / 4; probes *= 2) {
      values.push_back(static_cast<double>(probes));
    }
    return values;
  }
  void apply(double setting) override { index_.nprobe = static_cast<std::size_t>(setting); }
  bool remove(RowId id) override { return remove_one(id); }

 protected:
  faiss::IndexBinary& index() override { return index_; }

 private:
  std::size_t num_lists_;
  faiss::IndexBinaryFlat quantizer_;
  faiss::IndexBinaryIVF index_;
};

class Graph : public FaissContender {
 public:
  explicit Graph(std::size_t code_bits) : index_(static_cast<int>(code_bits), 16) {
    index_.hnsw.efConstruction = 80;
  }
  std::string name() const override { return "faiss HNSW"; }
  std::string setting_name() const override { return "efSearch"; }
  std::vector<double> settings() const override { return {64, 96, 128, 192, 256, 512, 1024}; }
  void apply(double setting) override { index_.hnsw.efSearch = static_cast<int>(setting); }

 protected:
  faiss::IndexBinary& index() override { return index_; }

 private:
  faiss::IndexBinaryHNSW index_;
};

// Substrings of 16 bits over the whole code.
class MultiHash : public FaissContender {
 public:
  explicit MultiHash(std::size_t code_bits)
      : index_(static_cast<int>(code_bits), static_cast<int>(code_bits / 16), 16) {}
  std::string name() const override { return "faiss multi-hash"; }
  std::string setting_name() const override { return "bits flipped"; }
  std::vector<double> settings() const override { return {0, 1, 2}; }
  void apply(double setting) override { index_.nflip = static_cast<int>(setting); }

 protected:
  faiss::IndexBinary& index() override { return index_; }

 private:
  faiss::IndexBinaryMultiHash index_;
};

}  // namespace

std::string peers_description() {
  return "FAISS " + std::to_string(FAISS_VERSION_MAJOR) + "." + std::to_string(FAISS_VERSION_MINOR) + "." +
         std::to_string(FAISS_VERSION_PATCH);
}

std::vector<std::string_view> available_peers() {
  return {"flat", "ivf", "hnsw", "multihash"};
}

std::unique_ptr<Contender> make_peer(std::string_view name, std::size_t code_bits, std::size_t num_rows) {
  if (name == "flat") return std::make_unique<Flat>(code_bits);
  if (name == "ivf") return std::make_unique<InvertedLists>(code_bits, num_rows);
  if (name == "hnsw") return std::make_unique<Graph>(code_bits);
  if (name == "multihash") return std::make_unique<MultiHash>(code_bits);
  throw Error(ErrorCode::kInvalidArgument, "no peer is called '" + std::string(name) + "'");
}

}  // namespace vitrine::benchmarks
