// SPDX-License-Identifier: MIT
#pragma once
/// Which of a manifest's extra columns are numbers, and which of their values are none.
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "engine/manifest_row.h"
#include "vitrine/ingest.h"

namespace vitrine::engine {

/// Is shown all fields first and asked afterwards.
class ManifestColumns {
 public:
  void add(std::size_t line, const ExtraField& field);

  /// At least nine of ten values are numbers, those not counted that are written as numbers but not finite.
  bool is_numeric(const std::string& name) const;

  /// One for each numeric column with values that are no finite numbers, and for each other column in which
  /// most are. Paths are "manifest:line" of the first such value.
  std::vector<IngestFailure> warnings(const std::string& manifest) const;

 private:
  struct Column {
    std::size_t num_numbers = 0;
    std::size_t num_not_finite = 0;
    std::size_t num_others = 0;
    std::size_t first_odd_line = 0;
    std::string first_odd_value;

    bool is_numeric() const;
  };
  std::map<std::string, Column> columns_;
};

}  // namespace vitrine::engine
