// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "base/mapped_file.h"
#include "network/safetensors_format.h"
#include "vitrine/error.h"
#include "vitrine/rerank.h"

namespace vitrine::network {

struct SafetensorsFile::Impl {
  std::filesystem::path path;
  base::MappedFile file;
  std::map<std::string, std::string> metadata;
  std::map<std::string, TensorView> tensors;
};

namespace {

using nlohmann::json;

[[noreturn]] void throw_corrupt(const std::filesystem::path& path, const std::string& finding) {
  throw Error(ErrorCode::kCorrupt,
              "cannot read safetensors file '" + path.string() + "': " + finding +
                  "; the file is damaged or of another kind, get it again from its source");
}

/// Refuses, while parsing, what the format has no use for and parsers disagree on: deep nesting and repeated
/// keys.
class HeaderGuard {
 public:
  explicit HeaderGuard(const std::filesystem::path& path) : path_(path) {}

  bool operator()(int depth, json::parse_event_t event, const json& parsed) {
    if (depth > kMaxDepth)
      throw_corrupt(path_, "the header nests deeper than " + std::to_string(kMaxDepth) + " levels");
    if (event == json::parse_event_t::object_start) keys_.emplace_back();
    if (event == json::parse_event_t::object_end) keys_.pop_back();
    if (event == json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second) throw_corrupt(path_, "the header repeats the key '" + key + "'");
    }
    return true;
  }

 private:
  static constexpr int kMaxDepth = 3;
  const std::filesystem::path& path_;
  std::vector<std::set<std::string>> keys_;
};

json parse_header(const std::filesystem::path& path, std::string_view text) {
  if (text.empty() || text.front() != '{')
    throw_corrupt(path, "the header at byte 8 does not start with '{'");
  json header;
  try {
    HeaderGuard guard(path);
    header = json::parse(text, std::ref(guard));
  } catch (const json::exception& error) {
    throw_corrupt(path, std::string("the header is not JSON (") + error.what() + ")");
  }
  return header;
}

std::map<std::string, std::string> read_metadata(const std::filesystem::path& path, const json& value) {
  if (!value.is_object()) throw_corrupt(path, "__metadata__ is not an object");
  std::map<std::string, std::string> metadata;
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) throw_corrupt(path, "the value of metadata '" + key + "' is not a string");
    metadata[key] = text.get<std::string>();
  }
  return metadata;
}

std::int64_t read_count(const std::filesystem::path& path, const std::string& what, const json& value) {
  // Positive literals beyond 63 bits would turn negative on conversion.
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
    throw_corrupt(path, what + " is not a whole number from 0 to 2^63 - 1");
  }
  return value.get<std::int64_t>();
}

TensorView read_tensor(const std::filesystem::path& path, const std::string& name, const json& entry,
                       std::span<const std::byte> data) {
  const std::string what = "tensor '" + name + "': ";
  const auto field = [&](const char* key) -> const json& {
    if (!entry.is_object() || !entry.contains(key)) throw_corrupt(path, what + "no field '" + key + "'");
    return entry.at(key);
  };
  const json& dtype = field("dtype");
  const json& shape = field("shape");
  const json& offsets = field("data_offsets");
  if (entry.size() != 3) throw_corrupt(path, what + "fields other than dtype, shape and data_offsets");
  if (!dtype.is_string()) throw_corrupt(path, what + "dtype is not a string");
  TensorView tensor;
  const auto known = dtype_named(dtype.get_ref<const std::string&>());
  if (!known) {
    throw Error(ErrorCode::kUnsupported, "cannot read safetensors file '" + path.string() + "': " + what +
                                             "dtype is " + dtype.get<std::string>() +
                                             ", known are F32, F16 and I64; convert the file");
  }
  tensor.dtype = *known;
  if (!shape.is_array()) throw_corrupt(path, what + "shape is not an array");
  for (const json& extent : shape)
    tensor.shape.push_back(read_count(path, what + "an extent of shape", extent));
  if (!offsets.is_array() || offsets.size() != 2) throw_corrupt(path, what + "data_offsets is not a pair");
  const auto begin =
      static_cast<std::uint64_t>(read_count(path, what + "the first of data_offsets", offsets[0]));
  const auto end =
      static_cast<std::uint64_t>(read_count(path, what + "the second of data_offsets", offsets[1]));
  if (begin > end || end > data.size()) {
    throw_corrupt(path, what + "data_offsets [" + std::to_string(begin) + ", " + std::to_string(end) +
                            "] do not lie in the " + std::to_string(data.size()) + " bytes of data");
  }
  const auto expected_bytes = tensor_bytes(tensor.dtype, tensor.shape);
  if (!expected_bytes) throw_corrupt(path, what + "shape " + shape_text(tensor.shape) + " overflows");
  if (*expected_bytes != end - begin) {
    throw_corrupt(path, what + "shape " + shape_text(tensor.shape) + " needs " +
                            std::to_string(*expected_bytes) + " bytes, data_offsets give " +
                            std::to_string(end - begin));
  }
  tensor.bytes = data.subspan(begin, end - begin);
  return tensor;
}

/// Every byte of data belongs to exactly one tensor.
void check_coverage(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                    std::span<const std::byte> data) {
  std::vector<std::pair<std::span<const std::byte>, const std::string*>> order;
  order.reserve(tensors.size());
  for (const auto& [name, tensor] : tensors) order.emplace_back(tensor.bytes, &name);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first.data(), a.first.size()) < std::pair(b.first.data(), b.first.size());
  });
  const std::byte* expected = data.data();
  for (const auto& [bytes, name] : order) {
    if (bytes.data() != expected) {
      const char* finding =
          bytes.data() < expected ? "' overlaps the tensor before it" : "' leaves a gap before it";
      throw_corrupt(path, "tensor '" + *name + finding + ", at data byte " +
                              std::to_string(bytes.data() - data.data()));
    }
    expected = bytes.data() + bytes.size();
  }
  if (expected != data.data() + data.size()) {
    throw_corrupt(
        path, std::to_string(data.data() + data.size() - expected) + " bytes at the end belong to no tensor");
  }
}

std::span<const std::byte> header_bytes(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  if (bytes.size() < kHeaderLengthBytes) {
    throw_corrupt(
        path, "it has " + std::to_string(bytes.size()) + " bytes, fewer than the 8 of the header's length");
  }
  std::uint64_t length = 0;
  for (std::size_t i = kHeaderLengthBytes; i-- > 0;)
    length = length << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  if (length > kMaxHeaderBytes) {
    throw_corrupt(path, "the header claims " + std::to_string(length) + " bytes, the limit is " +
                            std::to_string(kMaxHeaderBytes));
  }
  if (length > bytes.size() - kHeaderLengthBytes) {
    throw_corrupt(path, "the header claims " + std::to_string(length) + " bytes, the file holds " +
                            std::to_string(bytes.size() - kHeaderLengthBytes) + " after the length");
  }
  return bytes.subspan(kHeaderLengthBytes, length);
}

const TensorView& find_tensor(const std::filesystem::path& path,
                              const std::map<std::string, TensorView>& tensors, const std::string& name,
                              std::span<const std::int64_t> expected_shape) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) {
    throw_corrupt(path, "tensor '" + name + "' of shape " + shape_text(expected_shape) + " is missing");
  }
  const TensorView& tensor = found->second;
  if (!std::ranges::equal(tensor.shape, expected_shape)) {
    throw_corrupt(path, "tensor '" + name + "': expected shape " + shape_text(expected_shape) + ", found " +
                            shape_text(tensor.shape));
  }
  return tensor;
}

/// Copies, because nothing in the format promises alignment.
template <typename T>
std::vector<T> copy_values(std::span<const std::byte> bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// Whether no value has all bits of the exponent set, `mask`; without a branch, so that it runs at memory
/// speed.
template <typename Bits>
bool none_has_all(std::span<const std::byte> bytes, Bits mask) {
  bool found = false;
  for (std::size_t i = 0; i + sizeof(Bits) <= bytes.size(); i += sizeof(Bits)) {
    Bits bits;
    std::memcpy(&bits, bytes.data() + i, sizeof bits);
    found |= (bits & mask) == mask;
  }
  return !found;
}

bool all_finite(const TensorView& tensor) {
  return tensor.dtype == Dtype::kFloat32 ? none_has_all<std::uint32_t>(tensor.bytes, 0x7f800000)
                                         : none_has_all<std::uint16_t>(tensor.bytes, 0x7c00);
}

}  // namespace

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  auto impl = std::make_shared<Impl>();
  impl->path = path;
  impl->file = base::MappedFile(path);
  const auto bytes = impl->file.bytes();
  const auto header = header_bytes(path, bytes);
  const auto data = bytes.subspan(kHeaderLengthBytes + header.size());
  const json parsed = parse_header(path, {reinterpret_cast<const char*>(header.data()), header.size()});
  for (const auto& [name, value] : parsed.items()) {
    if (name == kMetadataKey) {
      impl->metadata = read_metadata(path, value);
    } else {
      impl->tensors[name] = read_tensor(path, name, value, data);
    }
  }
  check_coverage(path, impl->tensors, data);
  const auto checksum = impl->metadata.find(kChecksumKey);
  if (checksum != impl->metadata.end() && checksum->second != data_checksum(data)) {
    throw_corrupt(path, "the data's checksum is " + data_checksum(data) + ", expected " + checksum->second);
  }
  SafetensorsFile file;
  file.impl_ = std::move(impl);
  return file;
}

const std::filesystem::path& SafetensorsFile::path() const {
  return impl_->path;
}
const std::map<std::string, std::string>& SafetensorsFile::metadata() const {
  return impl_->metadata;
}
const std::map<std::string, TensorView>& SafetensorsFile::tensors() const {
  return impl_->tensors;
}
bool SafetensorsFile::contains(const std::string& name) const {
  return impl_->tensors.contains(name);
}

const std::string& SafetensorsFile::required_metadata(const std::string& key) const {
  const auto found = impl_->metadata.find(key);
  if (found == impl_->metadata.end()) throw_corrupt(impl_->path, "metadata '" + key + "' is missing");
  return found->second;
}

std::vector<float> SafetensorsFile::floats(const std::string& name,
                                           std::span<const std::int64_t> expected_shape) const {
  return mapped_floats(name, expected_shape).values();
}

MappedFloats SafetensorsFile::mapped_floats(const std::string& name,
                                            std::span<const std::int64_t> expected_shape) const {
  const TensorView& tensor = find_tensor(impl_->path, impl_->tensors, name, expected_shape);
  if (tensor.dtype == Dtype::kInt64) {
    throw_corrupt(impl_->path, "tensor '" + name + "': expected F32 or F16, found I64");
  }
  MappedFloats mapped(*this, tensor);
  if (all_finite(tensor)) return mapped;
  const std::vector<float> values = mapped.values();
  const auto bad =
      std::find_if_not(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
  throw_corrupt(impl_->path, "tensor '" + name + "': value " + std::to_string(bad - values.begin()) + " is " +
                                 std::to_string(*bad) + ", expected a finite number");
}

std::vector<float> MappedFloats::values() const {
  if (tensor_->dtype == Dtype::kFloat32) return copy_values<float>(tensor_->bytes);
  return to_float(copy_values<Half>(tensor_->bytes));
}

std::vector<std::int64_t> SafetensorsFile::integers(const std::string& name,
                                                    std::span<const std::int64_t> expected_shape) const {
  const TensorView& tensor = find_tensor(impl_->path, impl_->tensors, name, expected_shape);
  if (tensor.dtype != Dtype::kInt64) {
    throw_corrupt(impl_->path,
                  "tensor '" + name + "': expected I64, found " + std::string(dtype_name(tensor.dtype)));
  }
  return copy_values<std::int64_t>(tensor.bytes);
}

}  // namespace vitrine::network
