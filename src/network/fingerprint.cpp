// SPDX-License-Identifier: MIT
#include "network/fingerprint.h"

#include <xxhash.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <new>

#include "network/model_file.h"
#include "network/safetensors_format.h"

namespace vitrine::network {
namespace {

class Hasher {
 public:
  Hasher() : state_(XXH3_createState()) {
    if (!state_) throw std::bad_alloc();
    XXH3_128bits_reset(state_.get());
  }

  /// Every part goes with its length, so that no two lists of parts look alike.
  void add(std::span<const std::byte> part) {
    const std::uint64_t length = part.size();
    XXH3_128bits_update(state_.get(), &length, sizeof(length));
    XXH3_128bits_update(state_.get(), part.data(), part.size());
  }
  void add(std::string_view part) { add(std::as_bytes(std::span(part))); }

  std::string hex_digits() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    std::array<char, 33> text{};
    std::snprintf(text.data(), text.size(), "%016" PRIx64 "%016" PRIx64, std::uint64_t{hash.high64},
                  std::uint64_t{hash.low64});
    return text.data();
  }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> state_;
};

}  // namespace

std::string model_fingerprint(const SafetensorsFile& file) {
  Hasher hasher;
  for (const auto& [key, value] : file.metadata()) {
    if (key == kChecksumKey) continue;
    hasher.add(key);
    hasher.add(value);
  }
  hasher.add("tensors");
  for (const auto& [name, tensor] : file.tensors()) {
    if (name == kAbsmaxTensor) continue;
    hasher.add(name);
    hasher.add(dtype_name(tensor.dtype));
    hasher.add(std::as_bytes(std::span(tensor.shape)));
    hasher.add(tensor.bytes);
  }
  return hasher.hex_digits();
}

}  // namespace vitrine::network
