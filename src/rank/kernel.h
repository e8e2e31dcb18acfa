// SPDX-License-Identifier: MIT
#pragma once
/// The table of kernels for half-precision vectors. Thread-safe.
#include <span>

#include "rank/half_functions.h"

namespace vitrine::rank {

struct Kernel {
  const char* name;
  const char* cpu_features;  ///< what the processor must have, for people
  bool (*supported)();       ///< whether this machine has it
  ToHalfFunction to_half;
  ToFloatFunction to_float;
  DotFunction dot;
};

/// Every kernel of this build, best first; the last one is "scalar", the definition.
std::span<const Kernel> all_kernels();

/// The best kernel that this machine can run, found at the first call.
const Kernel& best_kernel();

}  // namespace vitrine::rank
