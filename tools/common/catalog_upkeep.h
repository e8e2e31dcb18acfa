// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <string>

#include "vitrine/catalog.h"

namespace vitrine::tools {

/// Keeps the search index of a catalogue that changes again and again, and gives back its space when most of
/// its rows are dead. Items are safe without either, so a failure is said and goes no further.
class CatalogUpkeep {
 public:
  CatalogUpkeep(std::string_view tool, Catalog& catalog, unsigned num_threads);

  /// There was a commit.
  void note_commit();
  /// To be called now and then: refreshes after a while without a commit, so that a busy feed does not wait
  /// for an index that is old at once.
  void idle();
  /// Compacts if it is worth it, and refreshes, now.
  void refresh();

 private:
  std::string tool_;
  Catalog& catalog_;
  unsigned num_threads_;
  bool is_old_ = false;
  std::chrono::steady_clock::time_point last_commit_;
};

}  // namespace vitrine::tools
