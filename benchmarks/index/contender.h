// SPDX-License-Identifier: MIT
#pragma once
/// An index that takes part in the comparison. Row ids are row numbers of the data set. Searches may run
/// concurrently; nothing else may.
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/code_array.h"
#include "vitrine/hamming_index.h"

namespace vitrine::benchmarks {

class Contender {
 public:
  virtual ~Contender() = default;

  virtual std::string name() const = 0;
  /// Trains, if there is anything to train, and adds all rows.
  virtual void build(const CodeArray& rows) = 0;

  /// The name of what trades recall for speed, and values to try, cheapest first; empty: nothing does.
  virtual std::string setting_name() const { return ""; }
  virtual std::vector<double> settings() const { return {0}; }
  virtual void apply(double /*setting*/) {}

  /// The k nearest rows to each of the queries `[n, code_bytes]`.
  virtual std::vector<std::vector<Neighbor>> search(std::span<const std::byte> queries,
                                                    std::size_t k) const = 0;

  /// False if the index cannot remove rows.
  virtual bool remove(RowId /*id*/) { return false; }
  /// Nothing if the index does not say.
  virtual std::optional<std::size_t> memory_bytes() const { return std::nullopt; }
};

/// Where the peers come from, for people.
std::string peers_description();
/// Names of the peers this build can run; empty without FAISS.
std::vector<std::string_view> available_peers();
/// The peer of that name, on one thread, for about `num_rows` rows. Throws kInvalidArgument for another name.
std::unique_ptr<Contender> make_peer(std::string_view name, std::size_t code_bits, std::size_t num_rows);

}  // namespace vitrine::benchmarks
