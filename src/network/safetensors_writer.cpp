// SPDX-License-Identifier: MIT
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "base/temporary_file.h"
#include "network/safetensors_format.h"
#include "vitrine/error.h"
#include "vitrine/rerank.h"

namespace vitrine::network {

static_assert(std::endian::native == std::endian::little,
              "tensors are copied to and from the file as they are");

namespace {

template <typename T>
NamedTensor make_tensor(std::string name, Dtype dtype, std::vector<std::int64_t> shape,
                        std::span<const T> values) {
  NamedTensor tensor{std::move(name), dtype, std::move(shape), std::vector<std::byte>(values.size_bytes())};
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), values.size_bytes());
  return tensor;
}

void check_tensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors) {
  const auto refuse = [&](const NamedTensor& tensor, const std::string& finding) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot write '" + path.string() + "': tensor '" + tensor.name + "' " + finding);
  };
  std::set<std::string_view> names;
  for (const NamedTensor& tensor : tensors) {
    if (tensor.name == kMetadataKey) refuse(tensor, "has a reserved name");
    if (!names.insert(tensor.name).second) refuse(tensor, "is given twice");
    if (tensor_bytes(tensor.dtype, tensor.shape) != tensor.bytes.size()) {
      refuse(tensor, "has " + std::to_string(tensor.bytes.size()) + " bytes, which do not fit its shape " +
                         shape_text(tensor.shape));
    }
  }
}

std::string header_text(const std::filesystem::path& path, const std::map<std::string, std::string>& metadata,
                        std::span<const NamedTensor* const> tensors) {
  nlohmann::json header;
  header[kMetadataKey] = metadata;
  std::uint64_t offset = 0;
  for (const NamedTensor* tensor : tensors) {
    const std::uint64_t end = offset + tensor->bytes.size();
    header[tensor->name] = {
        {"dtype", dtype_name(tensor->dtype)}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  try {
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');  // keeps the data aligned
    return text;
  } catch (const nlohmann::json::exception& error) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "cannot write '" + path.string() + "': a name or metadata value is not UTF-8 (" + error.what() + ")");
  }
}

}  // namespace

NamedTensor float32_tensor(std::string name, std::vector<std::int64_t> shape, std::span<const float> values) {
  return make_tensor(std::move(name), Dtype::kFloat32, std::move(shape), values);
}

NamedTensor float16_tensor(std::string name, std::vector<std::int64_t> shape, std::span<const float> values) {
  constexpr float kMaxHalf = 65504.0F;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(std::abs(values[i]) <= kMaxHalf)) {
      throw Error(ErrorCode::kInvalidArgument,
                  "cannot store tensor '" + name + "' in half precision: value " + std::to_string(i) +
                      " is " + std::to_string(values[i]) + ", the limit is 65504");
    }
  }
  const std::vector<Half> halves = to_half(values);
  return make_tensor(std::move(name), Dtype::kFloat16, std::move(shape), std::span<const Half>(halves));
}

NamedTensor int64_tensor(std::string name, std::vector<std::int64_t> shape,
                         std::span<const std::int64_t> values) {
  return make_tensor(std::move(name), Dtype::kInt64, std::move(shape), values);
}

void write_safetensors(const std::filesystem::path& path, std::map<std::string, std::string> metadata,
                       std::span<const NamedTensor> tensors) {
  check_tensors(path, tensors);
  std::vector<const NamedTensor*> order;
  for (const NamedTensor& tensor : tensors) order.push_back(&tensor);
  // Wide types first: every tensor is then aligned to its own type.
  std::stable_sort(order.begin(), order.end(), [](const NamedTensor* a, const NamedTensor* b) {
    return dtype_bytes(a->dtype) > dtype_bytes(b->dtype);
  });
  std::vector<std::byte> data;
  for (const NamedTensor* tensor : order) data.insert(data.end(), tensor->bytes.begin(), tensor->bytes.end());
  metadata[kChecksumKey] = data_checksum(data);
  const std::string header = header_text(path, metadata, order);

  const std::uint64_t length = header.size();
  base::TemporaryFile file(path);
  file.write({reinterpret_cast<const char*>(&length), kHeaderLengthBytes});
  file.write(header);
  file.write({reinterpret_cast<const char*>(data.data()), data.size()});
  file.commit();
}

}  // namespace vitrine::network
