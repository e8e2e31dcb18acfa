// SPDX-License-Identifier: MIT
#pragma once
/// XXH3-64, which guards the headers and parts of files. (The 128-bit form that names contents is
/// vitrine::content_hash.)
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace vitrine::base {

std::uint64_t checksum_64(std::span<const std::byte> bytes);

/// The same checksum over bytes that arrive in pieces.
class RunningChecksum {
 public:
  RunningChecksum();
  RunningChecksum(RunningChecksum&&) noexcept;
  ~RunningChecksum();

  void update(std::span<const std::byte> bytes);
  std::uint64_t digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vitrine::base
