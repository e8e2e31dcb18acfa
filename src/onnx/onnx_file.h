// SPDX-License-Identifier: MIT
#pragma once
/// The outer frame of an ONNX file: a protobuf message, ModelProto, whose fields are found without knowing
/// what they hold.
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"

namespace vitrine::onnx {

class OnnxFile {
 public:
  /// ErrorCode::kNotFound, kIo; kCorrupt if the fields do not fill the file exactly or there is no graph.
  explicit OnnxFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::span<const std::byte> bytes() const { return file_.bytes(); }

  /// The settings kept in the file, as JSON.
  const std::optional<std::string>& settings() const { return settings_; }

  /// The name that OpenCV 4 gives the layer whose (first) output is this tensor; nothing if there is none.
  std::optional<std::string> layer_of(std::string_view tensor) const;

  /// The fields other than those settings.
  const std::vector<std::span<const std::byte>>& network_fields() const { return network_fields_; }

 private:
  std::filesystem::path path_;
  base::MappedFile file_;
  std::optional<std::string> settings_;
  std::span<const std::byte> graph_;
  std::vector<std::span<const std::byte>> network_fields_;
};

/// A field that, at the end of a file, keeps the settings in it.
std::string settings_field(std::string_view json);

}  // namespace vitrine::onnx
