// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "base/system_error.h"
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

/// A file under a name of its own that vanishes unless it is renamed to its final one.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& target) : target_(target) {
    // A name is taken if another writer is at work or died here; a few are tried.
    for (int attempt = 0; file_ < 0; ++attempt) {
      path_ = target;
      path_ += ".tmp" + std::to_string(attempt);
      file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (file_ < 0 && (errno != EEXIST || attempt == kMaxAttempts))
        base::throw_errno("create", path_, errno);
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (file_ >= 0) ::close(file_);
    if (!renamed_) ::unlink(path_.c_str());
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) base::throw_errno("write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void commit() {
    if (::fsync(file_) != 0) base::throw_errno("sync", path_, errno);
    const int closed = ::close(std::exchange(file_, -1));
    if (closed != 0) base::throw_errno("close", path_, errno);
    if (::rename(path_.c_str(), target_.c_str()) != 0) base::throw_errno("replace", target_, errno);
    renamed_ = true;
    sync_folder();
  }

 private:
  void sync_folder() const {
    const std::filesystem::path folder = target_.has_parent_path() ? target_.parent_path() : ".";
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) base::throw_errno("open", folder, errno);
    const int synced = ::fsync(descriptor);
    const int error_number = errno;
    ::close(descriptor);
    if (synced != 0) base::throw_errno("sync", folder, error_number);
  }

  static constexpr int kMaxAttempts = 100;
  const std::filesystem::path& target_;
  std::filesystem::path path_;
  int file_ = -1;
  bool renamed_ = false;
};

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
  TemporaryFile file(path);
  file.write({reinterpret_cast<const char*>(&length), kHeaderLengthBytes});
  file.write(header);
  file.write({reinterpret_cast<const char*>(data.data()), data.size()});
  file.commit();
}

}  // namespace vitrine::network
