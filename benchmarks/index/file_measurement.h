// SPDX-License-Identifier: MIT
#pragma once
/// Saving the index, opening it again, and searching and changing what was opened.
#include "index/data_set.h"
#include "index/table.h"
#include "vitrine/hamming_index.h"

namespace vitrine::benchmarks {

struct FileResult {
  double save_seconds = 0;
  double bytes_per_row = 0;         ///< of the file
  double open_seconds = 0;          ///< from the call to the first answer; wall, warm page cache, median
  double check_seconds = 0;         ///< the same with every byte compared with its checksum
  double first_change_seconds = 0;  ///< of the opened index
  double memory_cpu_seconds = 0;    ///< a query at target recall 0.99 before saving: mean
  double mapped_cpu_seconds = 0;    ///< the same in the mapped file
};

FileResult measure_files(const HammingIndex& index, const DataSet& data);
Table file_table(const DataSet& data, const FileResult& result);

}  // namespace vitrine::benchmarks
