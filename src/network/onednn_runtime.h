// SPDX-License-Identifier: MIT
#pragma once
/// What every use of oneDNN here shares: the CPU engine, one thread per call, memory, translated errors.
#include <cstddef>
#include <memory>
#include <new>
#include <oneapi/dnnl/dnnl.hpp>

#include "vitrine/embedder.h"
#include "vitrine/error.h"

namespace vitrine::network {

const dnnl::engine& cpu_engine();

/// Whether this CPU computes in that precision in hardware (emulation would be slower than single precision).
/// `precision` is not kAuto.
bool cpu_supports(Precision precision);

/// While it lives, oneDNN (which uses OpenMP) stays on the calling thread. The setting belongs to the thread,
/// so other threads of the host are not affected.
class SingleThreadScope {
 public:
  SingleThreadScope();
  SingleThreadScope(const SingleThreadScope&) = delete;
  SingleThreadScope& operator=(const SingleThreadScope&) = delete;
  ~SingleThreadScope();

 private:
  int previous_;
};

/// Uninitialised memory on a cache line boundary.
class AlignedBuffer {
 public:
  explicit AlignedBuffer(std::size_t size_bytes) : data_(::operator new(size_bytes, kAlignment)) {}
  void* data() const { return data_.get(); }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(void* data) const { ::operator delete(data, kAlignment); }
  };
  std::unique_ptr<void, Free> data_;
};

/// The vitrine::Error (or std::bad_alloc) for a failure of oneDNN.
[[noreturn]] void throw_translated(const dnnl::error& error);

/// Runs `work` on the calling thread alone, with oneDNN's exceptions translated.
template <typename Work>
auto with_onednn(Work&& work) {
  const SingleThreadScope scope;
  try {
    return work();
  } catch (const dnnl::error& error) {
    throw_translated(error);
  }
}

}  // namespace vitrine::network
