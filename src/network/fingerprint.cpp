// SPDX-License-Identifier: MIT
#include "network/fingerprint.h"

#include <span>

#include "network/hasher.h"
#include "network/model_file.h"
#include "network/safetensors_format.h"

namespace vitrine::network {
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
