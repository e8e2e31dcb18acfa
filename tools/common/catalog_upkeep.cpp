// SPDX-License-Identifier: MIT
#include "common/catalog_upkeep.h"

#include <algorithm>
#include <thread>

#include "common/tool_main.h"
#include "vitrine/error.h"
#include "vitrine/search_index.h"

namespace vitrine::tools {
namespace {

constexpr std::chrono::seconds kQuietTime{10};

}  // namespace

CatalogUpkeep::CatalogUpkeep(std::string_view tool, Catalog& catalog, unsigned num_threads)
    : tool_(tool),
      catalog_(catalog),
      num_threads_(num_threads != 0 ? num_threads : std::max(1u, std::thread::hardware_concurrency())) {}

void CatalogUpkeep::note_commit() {
  is_old_ = true;
  last_commit_ = std::chrono::steady_clock::now();
}

void CatalogUpkeep::idle() {
  if (is_old_ && std::chrono::steady_clock::now() - last_commit_ >= kQuietTime) refresh();
}

void CatalogUpkeep::refresh() {
  is_old_ = false;
  try {
    if (catalog_.is_worth_compacting()) catalog_.compact();
  } catch (const Error& error) {
    complain(tool_, std::string(error.what()) + "; all items are there, but take more space than they need");
  }
  try {
    refresh_search_index(catalog_, {.num_threads = num_threads_});
  } catch (const Error& error) {
    complain(tool_,
             std::string(error.what()) + "; the catalogue is complete, but searches in it start slowly");
  }
}

}  // namespace vitrine::tools
