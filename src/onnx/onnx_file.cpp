// SPDX-License-Identifier: MIT
#include "onnx/onnx_file.h"

#include <cstdint>
#include <utility>

#include "vitrine/error.h"

namespace vitrine::onnx {
namespace {

// Field numbers of onnx.proto: ModelProto, GraphProto, NodeProto, and StringStringEntryProto in the metadata.
constexpr std::uint64_t kGraphField = 7;
constexpr std::uint64_t kMetadataField = 14;
constexpr std::uint64_t kNodeField = 1;
constexpr std::uint64_t kNodeOutputField = 2;
constexpr std::uint64_t kNodeNameField = 3;
constexpr std::uint64_t kKeyField = 1;
constexpr std::uint64_t kValueField = 2;
constexpr std::string_view kSettingsKey = "vitrine.settings";

// Wire types of protobuf.
constexpr std::uint64_t kVarint = 0;
constexpr std::uint64_t kFixed64 = 1;
constexpr std::uint64_t kLengthDelimited = 2;
constexpr std::uint64_t kFixed32 = 5;

struct Field {
  std::uint64_t number = 0;
  std::span<const std::byte> whole;    ///< tag included
  std::span<const std::byte> content;  ///< of length-delimited fields
};

/// Reads field after field; `failed()` once the bytes are no protobuf message.
class FieldReader {
 public:
  explicit FieldReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::optional<Field> next() {
    if (failed_ || position_ == bytes_.size()) return std::nullopt;
    const std::size_t start = position_;
    const std::uint64_t tag = varint();
    Field field{tag >> 3, {}, {}};
    std::uint64_t length = 0;
    switch (tag & 7) {
      case kVarint:
        varint();
        break;
      case kFixed64:
        length = 8;
        break;
      case kLengthDelimited:
        length = varint();
        break;
      case kFixed32:
        length = 4;
        break;
      default:
        failed_ = true;
    }
    if (failed_ || field.number == 0 || length > bytes_.size() - position_) {
      failed_ = true;
      return std::nullopt;
    }
    field.content = bytes_.subspan(position_, length);
    position_ += length;
    field.whole = bytes_.subspan(start, position_ - start);
    return field;
  }

  bool failed() const { return failed_; }
  std::size_t position() const { return position_; }

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (position_ == bytes_.size()) break;
      const auto byte = std::to_integer<std::uint64_t>(bytes_[position_++]);
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }

  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

std::string_view text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The value of a metadata entry, if its key is that of the settings.
std::optional<std::string> settings_of(std::span<const std::byte> entry) {
  FieldReader reader(entry);
  bool is_settings = false;
  std::string value;
  while (const std::optional<Field> field = reader.next()) {
    if (field->number == kKeyField) is_settings = text(field->content) == kSettingsKey;
    if (field->number == kValueField) value = text(field->content);
  }
  return is_settings ? std::optional(value) : std::nullopt;
}

void append_varint(std::string& bytes, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  bytes += static_cast<char>(value);
}

void append_field(std::string& bytes, std::uint64_t number, std::string_view content) {
  append_varint(bytes, number << 3 | kLengthDelimited);
  append_varint(bytes, content.size());
  bytes += content;
}

}  // namespace

OnnxFile::OnnxFile(const std::filesystem::path& path) : path_(path), file_(path) {
  FieldReader reader(file_.bytes());
  while (const std::optional<Field> field = reader.next()) {
    std::optional<std::string> settings;
    if (field->number == kMetadataField) settings = settings_of(field->content);
    if (settings) {
      settings_ = std::move(settings);
    } else {
      network_fields_.push_back(field->whole);
    }
    if (field->number == kGraphField) graph_ = field->content;
  }
  if (reader.failed())
    throw Error(ErrorCode::kCorrupt, "cannot use '" + path.string() +
                                         "': it is no ONNX file, or it is damaged at byte " +
                                         std::to_string(reader.position()));
  if (graph_.empty())
    throw Error(ErrorCode::kCorrupt, "cannot use '" + path.string() + "': there is no network in it");
}

std::optional<std::string> OnnxFile::layer_of(std::string_view tensor) const {
  FieldReader nodes(graph_);
  while (const std::optional<Field> node = nodes.next()) {
    if (node->number != kNodeField) continue;
    FieldReader reader(node->content);
    std::optional<std::string> output;
    std::string name;
    while (const std::optional<Field> field = reader.next()) {
      if (field->number == kNodeOutputField && !output) output = text(field->content);
      if (field->number == kNodeNameField) name = text(field->content);
    }
    if (output != tensor) continue;
    return name.empty() ? "onnx_node_output_0!" + *output : "onnx_node!" + name;
  }
  return std::nullopt;
}

std::string settings_field(std::string_view json) {
  std::string entry;
  append_field(entry, kKeyField, kSettingsKey);
  append_field(entry, kValueField, json);
  std::string field;
  append_field(field, kMetadataField, entry);
  return field;
}

}  // namespace vitrine::onnx
