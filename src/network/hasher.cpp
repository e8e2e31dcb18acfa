// SPDX-License-Identifier: MIT
#include "network/hasher.h"

#include <xxhash.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <new>

namespace vitrine::network {

struct Hasher::State {
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> hash{XXH3_createState()};
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
  if (!state_->hash) throw std::bad_alloc();
  XXH3_128bits_reset(state_->hash.get());
}

Hasher::~Hasher() = default;

void Hasher::add(std::span<const std::byte> part) {
  const std::uint64_t length = part.size();
  XXH3_128bits_update(state_->hash.get(), &length, sizeof(length));
  XXH3_128bits_update(state_->hash.get(), part.data(), part.size());
}

std::string Hasher::hex_digits() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->hash.get());
  std::array<char, 33> text{};
  std::snprintf(text.data(), text.size(), "%016" PRIx64 "%016" PRIx64, std::uint64_t{hash.high64},
                std::uint64_t{hash.low64});
  return text.data();
}

}  // namespace vitrine::network
