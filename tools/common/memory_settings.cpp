// SPDX-License-Identifier: MIT
#include "common/memory_settings.h"

#include <malloc.h>

#include <climits>

namespace vitrine::tools {

void reuse_picture_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, INT_MAX);
}

}  // namespace vitrine::tools
