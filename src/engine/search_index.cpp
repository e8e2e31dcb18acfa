// SPDX-License-Identifier: MIT
#include "vitrine/search_index.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include "engine/search_table.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

std::uint64_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto size_bytes = std::filesystem::file_size(file, error);
  return error ? 0 : size_bytes;
}

}  // namespace

SearchIndexInfo refresh_search_index(const Catalog& catalog, const SearchIndexOptions& options) {
  if (catalog.mode() != Catalog::Mode::kReadWrite) {
    throw Error(ErrorCode::kInvalidArgument, "cannot refresh the search index of '" +
                                                 catalog.folder().string() +
                                                 "': the catalogue was opened for reading only");
  }
  engine::SearchTable table(catalog);
  const bool has_lists = !table.index().stats().calibrated.empty();
  const bool must_form =
      options.form_lists_anew || (!has_lists && table.size() >= options.min_items_for_lists);
  if (must_form) table.optimize(options.num_threads);
  if (must_form || !table.came_from_file()) table.save();
  return {true, size_of(engine::SearchTable::file(catalog)), table.index().stats()};
}

std::optional<SearchIndexInfo> search_index_info(const Catalog& catalog) {
  const std::filesystem::path file = engine::SearchTable::file(catalog);
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::nullopt;
  const HammingIndex index = HammingIndex::open(file);
  const auto rows = engine::RowTable::attach(index.host_data(), catalog);
  const bool up_to_date = rows && catalog.state() != 0 && rows->state() == catalog.state();
  return SearchIndexInfo{up_to_date, size_of(file), index.stats()};
}

std::vector<CatalogProblem> verify_search_index(const Catalog& catalog) {
  const std::filesystem::path file = engine::SearchTable::file(catalog);
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return {};
  std::vector<CatalogProblem> problems;
  const auto report = [&](const std::string& finding) {
    problems.push_back({file, 0, finding + "; delete the file, it will be made anew"});
  };
  try {
    const HammingIndex index = HammingIndex::open(file, {.check_rows = true, .check_map = true});
    const auto rows = engine::RowTable::attach(index.host_data(), catalog);
    if (!rows) {
      report("it does not belong to this catalogue");
    } else if (catalog.state() != 0 && rows->state() == catalog.state()) {
      std::size_t num_items = 0;
      catalog.for_each_row([&](const Catalog::Row& item) {
        const auto row = rows->row_of(item.id);
        const bool is_equal =
            row && rows->address(*row) == item.address && rows->category_index(*row) == item.category_index;
        const auto code = index.code(item.id);
        if (!is_equal || !code ||
            !std::equal(code->begin(), code->end(), item.code.begin(), item.code.end())) {
          report("item " + std::to_string(item.id) + " is not as the catalogue has it");
        }
        ++num_items;
      });
      if (num_items != rows->size() || num_items != index.size())
        report("it has other items than the catalogue");
    }
  } catch (const Error& error) {
    report(error.what());
  }
  return problems;
}

}  // namespace vitrine
