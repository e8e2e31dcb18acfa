// SPDX-License-Identifier: MIT
#include "vitrine/changes.h"

#include "engine/change_pictures.h"
#include "engine/change_writer.h"
#include "engine/item_key_set.h"
#include "engine/model_check.h"
#include "engine/rollback.h"

namespace vitrine {
namespace {

/// Number of changes from the front whose pictures can be prepared together: what such a change finds in the
/// catalogue must not depend on an earlier one of its key.
std::size_t length_of_run(std::span<const ItemChange> changes) {
  engine::ItemKeySet keys;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const bool is_new = keys.insert(&changes[i].key).second;
    if (!is_new && !changes[i].path.empty()) return i;
  }
  return changes.size();
}

ChangeReport apply_all(Catalog& catalog, const Embedder& embedder, std::span<const ItemChange> changes,
                       const ChangeOptions& options) {
  ChangeReport report;
  while (report.num_done < changes.size() && !report.interrupted) {
    const std::size_t first = report.num_done;
    const auto run = changes.subspan(first, length_of_run(changes.subspan(first)));
    const engine::ChangePictures pictures(catalog, embedder, run, options);
    report.num_embedded += pictures.num_embedded();
    engine::ChangeWriter writer(catalog, run, pictures, first, report);
    for (std::size_t i = 0; i < run.size() && !report.interrupted; ++i) {
      report.interrupted = !writer.apply(i);
      if (!report.interrupted) ++report.num_done;
    }
    writer.finish();
  }
  catalog.commit();
  return report;
}

}  // namespace

ChangeReport apply_changes(Catalog& catalog, const Embedder& embedder, std::span<const ItemChange> changes,
                           const ChangeOptions& options) {
  engine::check_model(catalog, embedder.info());
  return engine::or_rollback(catalog, [&] { return apply_all(catalog, embedder, changes, options); });
}

}  // namespace vitrine
