// SPDX-License-Identifier: MIT
#include "base/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace vitrine::base {

std::uint64_t checksum_64(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

struct RunningChecksum::State {
  XXH3_state_t xxh3;
};

RunningChecksum::RunningChecksum() : state_(std::make_unique<State>()) {
  XXH3_64bits_reset(&state_->xxh3);
}

RunningChecksum::RunningChecksum(RunningChecksum&&) noexcept = default;
RunningChecksum::~RunningChecksum() = default;

void RunningChecksum::update(std::span<const std::byte> bytes) {
  XXH3_64bits_update(&state_->xxh3, bytes.data(), bytes.size());
}

std::uint64_t RunningChecksum::digest() const {
  return XXH3_64bits_digest(&state_->xxh3);
}

}  // namespace vitrine::base
