// SPDX-License-Identifier: MIT
#include "vitrine/catalog_ranker.h"

namespace vitrine {
namespace {

constexpr const char* kBlobName = "quality-ranker";

}  // namespace

void store_quality_ranker(Catalog& catalog, const QualityRanker& ranker) {
  catalog.set_blob(kBlobName, ranker.to_bytes());
}

std::optional<QualityRanker> stored_quality_ranker(const Catalog& catalog) {
  const auto bytes = catalog.blob(kBlobName);
  if (!bytes) return std::nullopt;
  return QualityRanker::from_bytes(*bytes);
}

}  // namespace vitrine
