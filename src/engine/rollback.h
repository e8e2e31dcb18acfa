// SPDX-License-Identifier: MIT
#pragma once
#include <exception>

#include "vitrine/catalog.h"
#include "vitrine/error.h"

namespace vitrine::engine {

/// Runs `work`; if it throws, the catalogue is left at its last commit, not with half a batch.
template <typename Work>
auto or_rollback(Catalog& catalog, const Work& work) {
  try {
    return work();
  } catch (...) {
    const std::exception_ptr failure = std::current_exception();
    try {
      catalog.rollback();
    } catch (const Error&) {
      // The first failure is the one to report.
    }
    std::rethrow_exception(failure);
  }
}

}  // namespace vitrine::engine
