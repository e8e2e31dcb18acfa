// SPDX-License-Identifier: MIT
#include "rank/kernel.h"

#include <algorithm>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace vitrine::rank {
namespace {

bool always() {
  return true;
}

#if defined(__x86_64__)
bool has_avx2() {
  // Not every compiler's __builtin_cpu_supports knows F16C; that AVX2 is there says that the system saves the
  // registers.
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  const bool has_f16c = __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
  return has_f16c && __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
}
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") != 0;
}
#endif

constexpr Kernel kKernels[] = {
#if defined(__x86_64__)
    {"avx512", "AVX-512F, F16C", has_avx512, to_half_avx2, to_float_avx2, dot_avx512},
    {"avx2", "AVX2, FMA, F16C", has_avx2, to_half_avx2, to_float_avx2, dot_avx2},
#endif
#if defined(__aarch64__)
    {"neon", "Advanced SIMD (every AArch64 processor)", always, to_half_neon, to_float_neon, dot_neon},
#endif
    {"scalar", "none", always, to_half_scalar, to_float_scalar, dot_scalar},
};

}  // namespace

std::span<const Kernel> all_kernels() {
  return kKernels;
}

const Kernel& best_kernel() {
  static const Kernel& best = *std::find_if(std::begin(kKernels), std::end(kKernels),
                                            [](const Kernel& kernel) { return kernel.supported(); });
  return best;
}

}  // namespace vitrine::rank
