// SPDX-License-Identifier: MIT
#pragma once
/// Codes that lie one after another, `[n, code_bits / 8]`, in memory for which large pages were asked, so
/// that a scan over them is limited by the memory and not by the page tables.
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

namespace vitrine::benchmarks {

class CodeArray {
 public:
  CodeArray() = default;
  CodeArray(std::size_t num_codes, std::size_t code_bits)
      : num_codes_(num_codes), code_bytes_(code_bits / 8), bytes_(allocate(num_codes * code_bits / 8)) {}

  std::size_t size() const { return num_codes_; }
  std::size_t code_bytes() const { return code_bytes_; }
  std::byte* row(std::size_t i) { return bytes_.get() + i * code_bytes_; }
  std::span<const std::byte> code(std::size_t i) const { return codes(i, 1); }
  /// Codes `first` to `first + count`.
  std::span<const std::byte> codes(std::size_t first, std::size_t count) const {
    return {bytes_.get() + first * code_bytes_, count * code_bytes_};
  }
  std::span<const std::byte> all() const { return codes(0, num_codes_); }

 private:
  static constexpr std::size_t kPageBytes = std::size_t{2} << 20;
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };

  static std::byte* allocate(std::size_t num_bytes) {
    const std::size_t rounded = (num_bytes / kPageBytes + 1) * kPageBytes;
    void* bytes = std::aligned_alloc(kPageBytes, rounded);
    if (bytes == nullptr) throw std::bad_alloc();
    madvise(bytes, rounded, MADV_HUGEPAGE);
    return static_cast<std::byte*>(bytes);
  }

  std::size_t num_codes_ = 0;
  std::size_t code_bytes_ = 0;
  std::unique_ptr<std::byte, Free> bytes_;
};

}  // namespace vitrine::benchmarks
