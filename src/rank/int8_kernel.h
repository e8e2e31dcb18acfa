// SPDX-License-Identifier: MIT
#pragma once
/// The table of kernels for rows of eight-bit numbers. Thread-safe.
#include <span>

#include "rank/int8_functions.h"

namespace vitrine::rank {

struct Int8Kernel {
  const char* name;
  const char* cpu_features;  ///< what the processor must have, for people
  bool (*supported)();       ///< whether this machine has it
  Int8SumsFunction sums;
};

/// Every kernel of this build, best first; the last one is "scalar", the definition.
std::span<const Int8Kernel> all_int8_kernels();

/// The best kernel that this machine can run, found at the first call.
const Int8Kernel& best_int8_kernel();

}  // namespace vitrine::rank
