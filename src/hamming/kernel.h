// SPDX-License-Identifier: MIT
#pragma once
/// The table of distance kernels and the choice among them. Thread-safe.
#include <span>
#include <string_view>
#include <vector>

#include "hamming/scan.h"

namespace vitrine::hamming {

struct Kernel {
  const char* name;
  const char* cpu_features;  ///< what the processor must have, for people
  bool (*supported)();       ///< whether this machine has it
  FindFunction find;
  NearestFunction nearest;
};

/// Every kernel of this build, best first; the last one is "scalar", the definition.
std::span<const Kernel> all_kernels();

/// Those this machine can run, best first.
std::vector<const Kernel*> available_kernels();

/// The kernel of that name; an empty name takes the best. Throws kInvalidArgument, listing the available
/// names, if there is none of that name or the machine cannot run it.
const Kernel& select_kernel(std::string_view name);

}  // namespace vitrine::hamming
