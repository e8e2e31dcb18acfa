// SPDX-License-Identifier: MIT
#pragma once
/// Reading and writing of safetensors files: named tensors and text metadata, no code inside. Everything a
/// file claims (header length, JSON, dtypes, shapes, offsets, overlaps, gaps) is checked on opening.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitrine::network {

enum class Dtype { kFloat32, kFloat16, kInt64 };

/// A tensor inside a mapped file: row-major, little-endian.
struct TensorView {
  Dtype dtype = Dtype::kFloat32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

class MappedFloats;

/// A mapped safetensors file; copies share the mapping. Thread-safe.
class SafetensorsFile {
 public:
  /// Errors: kNotFound, kIo, kCorrupt (with what is wrong and where), kUnsupported for a dtype not listed
  /// above. If the metadata holds "checksum" (see write_safetensors), the data is compared with it.
  static SafetensorsFile open(const std::filesystem::path& path);

  const std::filesystem::path& path() const;
  const std::map<std::string, std::string>& metadata() const;
  /// The metadata value; kCorrupt, naming file and key, if it is missing.
  const std::string& required_metadata(const std::string& key) const;
  const std::map<std::string, TensorView>& tensors() const;
  bool contains(const std::string& name) const;

  /// The tensor's values as floats. kCorrupt, naming file, tensor, expected and found shape, if it is
  /// missing, has another shape, is not floating-point, or holds NaN or infinity.
  std::vector<float> floats(const std::string& name, std::span<const std::int64_t> expected_shape) const;
  /// The same with the same errors, but converted later.
  MappedFloats mapped_floats(const std::string& name, std::span<const std::int64_t> expected_shape) const;
  std::vector<std::int64_t> integers(const std::string& name,
                                     std::span<const std::int64_t> expected_shape) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// Floating-point values that stay in the file, as it is mapped, until they are wanted. Copies share the
/// mapping. Thread-safe.
class MappedFloats {
 public:
  std::vector<float> values() const;

 private:
  friend class SafetensorsFile;
  MappedFloats(SafetensorsFile file, const TensorView& tensor) : file_(std::move(file)), tensor_(&tensor) {}

  SafetensorsFile file_;  // keeps the mapping, and the tensor's description
  const TensorView* tensor_;
};

/// A tensor to write.
struct NamedTensor {
  std::string name;
  Dtype dtype = Dtype::kFloat32;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;
};
NamedTensor float32_tensor(std::string name, std::vector<std::int64_t> shape, std::span<const float> values);
/// Rounds to half precision; kInvalidArgument if a value is NaN or beyond the range of half.
NamedTensor float16_tensor(std::string name, std::vector<std::int64_t> shape, std::span<const float> values);
NamedTensor int64_tensor(std::string name, std::vector<std::int64_t> shape,
                         std::span<const std::int64_t> values);

/// Writes a file so that `path` holds either the old or the whole new content (temporary file, sync, rename,
/// sync of the folder). Adds metadata "checksum": "xxh3-64:" and 16 hex digits over the data section.
void write_safetensors(const std::filesystem::path& path, std::map<std::string, std::string> metadata,
                       std::span<const NamedTensor> tensors);

}  // namespace vitrine::network
