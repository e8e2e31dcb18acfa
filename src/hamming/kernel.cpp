// SPDX-License-Identifier: MIT
#include "hamming/kernel.h"

#include <string>

#include "vitrine/error.h"

namespace vitrine::hamming {
namespace {

bool always() {
  return true;
}

#if defined(__x86_64__)
bool has_avx2() {
  return __builtin_cpu_supports("avx2") != 0;
}
bool has_avx512() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vpopcntdq") != 0;
}
#endif

constexpr Kernel kKernels[] = {
#if defined(__x86_64__)
    {"avx512", "AVX-512F, AVX-512 VPOPCNTDQ", has_avx512, find_avx512, nearest_avx512},
    {"avx2", "AVX2", has_avx2, find_avx2, nearest_avx2},
#endif
#if defined(__aarch64__)
    {"neon", "Advanced SIMD (every AArch64 processor)", always, find_neon, nearest_neon},
#endif
    {"scalar", "none", always, find_scalar, nearest_scalar},
};

}  // namespace

std::span<const Kernel> all_kernels() {
  return kKernels;
}

std::vector<const Kernel*> available_kernels() {
  std::vector<const Kernel*> available;
  for (const Kernel& kernel : kKernels) {
    if (kernel.supported()) available.push_back(&kernel);
  }
  return available;
}

const Kernel& select_kernel(std::string_view name) {
  std::string names;
  for (const Kernel* kernel : available_kernels()) {
    if (name.empty() || name == kernel->name) return *kernel;
    names += names.empty() ? "" : ", ";
    names += kernel->name;
  }
  throw Error(ErrorCode::kInvalidArgument,
              "choosing a distance kernel: \"" + std::string(name) +
                  "\" is not available on this machine; available are: " + names);
}

}  // namespace vitrine::hamming
