// SPDX-License-Identifier: MIT
#include "rank/int8_kernel.h"

#include <algorithm>

namespace vitrine::rank {
namespace {

bool always() {
  return true;
}

#if defined(__x86_64__)
bool has_avx2() {
  return __builtin_cpu_supports("avx2") != 0;
}
bool has_vnni() {
  return __builtin_cpu_supports("avx512vnni") != 0 && __builtin_cpu_supports("avx512bw") != 0;
}
#endif

constexpr Int8Kernel kKernels[] = {
#if defined(__x86_64__)
    {"avx512vnni", "AVX-512 VNNI and BW", has_vnni, int8_sums_vnni},
    {"avx2", "AVX2", has_avx2, int8_sums_avx2},
#endif
#if defined(__aarch64__)
    {"neon", "Advanced SIMD (every AArch64 processor)", always, int8_sums_neon},
#endif
    {"scalar", "none", always, int8_sums_scalar},
};

}  // namespace

std::span<const Int8Kernel> all_int8_kernels() {
  return kKernels;
}

const Int8Kernel& best_int8_kernel() {
  static const Int8Kernel& best = *std::find_if(std::begin(kKernels), std::end(kKernels),
                                                [](const Int8Kernel& kernel) { return kernel.supported(); });
  return best;
}

}  // namespace vitrine::rank
