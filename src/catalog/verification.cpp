// SPDX-License-Identifier: MIT
// The part of Store that reads everything and reports instead of throwing.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "catalog/attributes.h"
#include "catalog/checked_pages.h"
#include "catalog/model_copy.h"
#include "catalog/store.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

constexpr int kMaxDatabaseProblems = 100;

void check_integrity(const Database& database, const std::filesystem::path& file,
                     std::vector<CatalogProblem>& problems) {
  const std::string sql = "PRAGMA integrity_check(" + std::to_string(kMaxDatabaseProblems) + ")";
  Statement statement = database.prepare(sql);
  while (statement.step()) {
    const std::string_view finding = statement.bytes(0);
    if (finding != "ok") problems.push_back({file, 0, std::string(finding)});
  }
}

std::vector<CatalogProblem> damaged_page_problems(const Database& database,
                                                  const std::filesystem::path& file) {
  std::vector<std::uint64_t> offsets_bytes = damaged_pages(database.get());
  std::sort(offsets_bytes.begin(), offsets_bytes.end());
  std::vector<CatalogProblem> problems;
  for (const std::uint64_t offset : offsets_bytes)
    problems.push_back({file, offset, "the page does not match its checksum"});
  return problems;
}

// SQLite goes through all trees, past pages that it cannot read, before it looks at what is in them and gives
// up. What it then says about such pages says less than their offsets.
void verify_database(const Database& database, const std::filesystem::path& file,
                     std::vector<CatalogProblem>& problems) {
  std::vector<CatalogProblem> findings;
  try {
    check_integrity(database, file, findings);
  } catch (const Error& error) {
    findings.push_back({file, 0, error.what()});
  }
  const std::vector<CatalogProblem> damaged = damaged_page_problems(database, file);
  const std::vector<CatalogProblem>& telling = damaged.empty() ? findings : damaged;
  problems.insert(problems.end(), telling.begin(), telling.end());
}

void verify_ids(std::vector<ItemId>& ids, const std::filesystem::path& segments,
                std::vector<CatalogProblem>& problems) {
  std::sort(ids.begin(), ids.end());
  for (auto it = std::adjacent_find(ids.begin(), ids.end()); it != ids.end();
       it = std::adjacent_find(it + 1, ids.end())) {
    problems.push_back({segments, 0, "two rows have the id " + std::to_string(*it)});
  }
}

}  // namespace

std::vector<CatalogProblem> Store::verify() const {
  const std::filesystem::path file = folder_ / kDatabaseName;
  std::vector<CatalogProblem> problems;
  const auto guarded = [&](const std::filesystem::path& of, auto check) {
    try {
      check();
    } catch (const Error& error) {
      problems.push_back({of, 0, error.what()});
    }
  };
  verify_database(*database_, file, problems);
  std::vector<ItemId> ids;
  for (const auto& segment : segments_) {
    guarded(segment->file(), [&] { segment->verify(ids, problems); });
  }
  verify_ids(ids, folder_ / "segments", problems);
  // Pages that cannot be read are reported already.
  if (damaged_pages(database_->get()).empty()) guarded(file, [&] { verify_items(problems); });
  verify_model(folder_ / kModelName, facts_, problems);
  return problems;
}

void Store::verify_items(std::vector<CatalogProblem>& problems) const {
  const std::filesystem::path file = folder_ / kDatabaseName;
  std::set<std::pair<FieldKind, std::string>> columns;
  for (const Field& field : fields_->all()) columns.emplace(field.kind, field.name.name);
  Hint hint;
  items_->for_each_place([&](const ItemPlace& item) {
    const auto report = [&](const std::string& finding) {
      problems.push_back({file, 0, "item " + std::to_string(item.id) + " " + finding});
    };
    const std::optional<Segment::Row> found = row(item.place, hint);
    if (!found) {
      report("refers to row " + std::to_string(item.place.row) + " of segment " +
             std::to_string(item.place.segment) + ", which does not exist");
    } else if (found->id > item.id) {
      // A row belongs to the item it was written for or, shared, to a later one as well.
      report("refers to a row that was written for the later item " + std::to_string(found->id));
    }
    if (item.category_index >= categories_->names().size()) report("has a category that does not exist");
    try {
      if (const std::optional<Item> details = items_->item(item.id)) {
        const auto find_columns = [&](FieldKind kind, const std::vector<FieldName>& names) {
          for (const FieldName& field : names) {
            if (!columns.contains({kind, field.name}))
              report("has the column '" + field.name + "', which selections do not know");
          }
        };
        find_columns(FieldKind::kAttribute, check_attributes(details->attributes_json));
        find_columns(FieldKind::kQuality, quality_fields(details->quality));
      }
    } catch (const Error& error) {
      report(std::string("is damaged: ") + error.what());
    }
  });
}

}  // namespace vitrine::catalog
