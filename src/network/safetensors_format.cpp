// SPDX-License-Identifier: MIT
#include "network/safetensors_format.h"

#include <xxhash.h>

#include <array>
#include <cinttypes>
#include <cstdio>

namespace vitrine::network {
namespace {

struct DtypeRow {
  Dtype dtype;
  std::string_view name;
  std::size_t bytes;
};
constexpr DtypeRow kDtypes[] = {
    {Dtype::kFloat32, "F32", 4}, {Dtype::kFloat16, "F16", 2}, {Dtype::kInt64, "I64", 8}};

const DtypeRow& row_of(Dtype dtype) {
  for (const DtypeRow& row : kDtypes) {
    if (row.dtype == dtype) return row;
  }
  return kDtypes[0];
}

}  // namespace

std::string_view dtype_name(Dtype dtype) {
  return row_of(dtype).name;
}

std::size_t dtype_bytes(Dtype dtype) {
  return row_of(dtype).bytes;
}

std::optional<Dtype> dtype_named(std::string_view name) {
  for (const DtypeRow& row : kDtypes) {
    if (row.name == name) return row.dtype;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> tensor_bytes(Dtype dtype, std::span<const std::int64_t> shape) {
  std::uint64_t bytes = dtype_bytes(dtype);
  for (const std::int64_t extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(extent), &bytes))
      return std::nullopt;
  }
  return bytes;
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

std::string data_checksum(std::span<const std::byte> data) {
  std::array<char, 32> text{};
  const std::uint64_t hash = XXH3_64bits(data.data(), data.size());
  std::snprintf(text.data(), text.size(), "xxh3-64:%016" PRIx64, hash);
  return text.data();
}

}  // namespace vitrine::network
