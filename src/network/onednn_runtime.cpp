// SPDX-License-Identifier: MIT
#include "network/onednn_runtime.h"

#include <omp.h>

#include <string>

namespace vitrine::network {

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

bool cpu_supports(Precision precision) {
  // Instruction sets of x86 are numbered so that one includes another if its bits do.
  const auto available = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  const auto includes = [&](dnnl::cpu_isa needed) {
    return (available & static_cast<unsigned>(needed)) == static_cast<unsigned>(needed);
  };
  switch (precision) {
    case Precision::kInt8:
      return includes(dnnl::cpu_isa::avx512_core_vnni);
    case Precision::kBfloat16:
      return includes(dnnl::cpu_isa::avx512_core_bf16);
    default:
      return true;
  }
}

SingleThreadScope::SingleThreadScope() : previous_(omp_get_max_threads()) {
  omp_set_num_threads(1);
}

SingleThreadScope::~SingleThreadScope() {
  omp_set_num_threads(previous_);
}

void throw_translated(const dnnl::error& error) {
  if (error.status == dnnl_out_of_memory) throw std::bad_alloc();
  const auto code = error.status == dnnl_unimplemented ? ErrorCode::kUnsupported : ErrorCode::kInternal;
  throw Error(code, std::string("cannot run the network: oneDNN says ") + error.what() + " (status " +
                        std::to_string(static_cast<int>(error.status)) + "); try precision float32");
}

}  // namespace vitrine::network
