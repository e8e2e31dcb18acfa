// SPDX-License-Identifier: MIT
#include "vitrine/catalog.h"
#include "vitrine/ingest.h"

namespace vitrine {

IngestSource list_catalog(const Catalog& catalog) {
  IngestSource source;
  catalog.for_each_file([&](const FileState& file) {
    Item item = catalog.item(file.id).value();
    source.entries.push_back({std::move(item.key), std::move(item.path), std::move(item.category),
                              std::move(item.attributes_json), std::move(item.quality)});
  });
  return source;
}

}  // namespace vitrine
