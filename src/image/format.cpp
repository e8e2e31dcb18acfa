// SPDX-License-Identifier: MIT
#include "image/format.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "vitrine/error.h"

namespace vitrine::image {
namespace {

using namespace std::string_view_literals;

/// `text` at `offset` marks a file of kind `name`.
struct Mark {
  std::size_t offset;
  std::string_view text;
  std::string_view name;
};

// Files that are often mistaken for readable pictures. Longer marks of one place come first.
constexpr Mark kForeignMarks[] = {
    {0, "GIF8"sv, "a GIF picture"},
    {4, "ftypavif"sv, "an AVIF picture"},
    {4, "ftypavis"sv, "an AVIF picture"},
    {4, "ftyphei"sv, "a HEIC picture"},
    {4, "ftyphev"sv, "a HEIC picture"},
    {4, "ftypmif1"sv, "a HEIF picture"},
    {4, "ftypmsf1"sv, "a HEIF picture"},
    {4, "ftypcrx"sv, "a camera raw file"},
    {4, "ftyp"sv, "an MP4 or QuickTime video"},
    {0, "%PDF"sv, "a PDF document"},
    {0, "\xff\x0a"sv, "a JPEG XL picture"},
    {4, "JXL "sv, "a JPEG XL picture"},
    {4, "jP  "sv, "a JPEG 2000 picture"},
    {0, "\xff\x4f\xff\x51"sv, "a JPEG 2000 picture"},
    {0, "8BPS"sv, "a Photoshop document"},
    {0, "PK\x03\x04"sv, "a ZIP archive or an office document"},
    {0, "\x1f\x8b"sv, "a gzip archive"},
    {0, "\0\0\1\0"sv, "an icon"},
    {0, "<svg"sv, "an SVG drawing"},
    {0, "<!DOCTYPE"sv, "an HTML page"},
    {0, "<html"sv, "an HTML page"},
    {0, "<?xml"sv, "an XML or SVG file"},
};

bool matches(std::string_view head, std::size_t offset, std::string_view text) {
  return head.size() >= offset && head.substr(offset, text.size()) == text;
}

/// Nothing but printable characters, line ends and bytes that UTF-8 can contain.
bool is_text(std::string_view head) {
  return std::none_of(head.begin(), head.end(), [](char letter) {
    const auto code = static_cast<unsigned char>(letter);
    const bool is_control = code < 0x20 && code != '\t' && code != '\n' && code != '\r';
    return is_control || code == 0x7f || code >= 0xf8;
  });
}

bool is_zero(std::string_view head) {
  return std::all_of(head.begin(), head.end(), [](char letter) { return letter == '\0'; });
}

// "BM" alone would take every text that begins so: the size of the second header must be one that exists.
bool is_bmp(std::string_view head) {
  if (!matches(head, 0, "BM"sv) || head.size() < 18) return false;
  constexpr std::array<std::uint8_t, 7> kHeaderSizes = {12, 40, 52, 56, 64, 108, 124};
  const auto size = static_cast<std::uint8_t>(head[14]);
  return matches(head, 15, "\0\0\0"sv) && std::ranges::find(kHeaderSizes, size) != kHeaderSizes.end();
}

std::optional<Format> known_format(std::string_view head) {
  if (matches(head, 0, "\xff\xd8\xff"sv)) return Format::kJpeg;
  if (matches(head, 0, "\x89PNG\r\n\x1a\n"sv)) return Format::kPng;
  if (matches(head, 0, "RIFF"sv) && matches(head, 8, "WEBP"sv)) return Format::kWebp;
  for (const std::string_view mark : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv}) {
    if (matches(head, 0, mark)) return Format::kTiff;
  }
  if (is_bmp(head)) return Format::kBmp;
  return std::nullopt;
}

std::string_view describe(std::string_view head) {
  for (const Mark& mark : kForeignMarks) {
    if (matches(head, mark.offset, mark.text)) return mark.name;
  }
  if (is_zero(head)) return "a file of zero bytes, as a failed copy leaves it";
  if (is_text(head)) return "a text file";
  return "of no format known here";
}

}  // namespace

Format detect_format(std::span<const std::byte> bytes, std::string_view name) {
  std::string message = "cannot decode '";
  message.append(name).append("': ");
  if (bytes.empty()) {
    throw Error(ErrorCode::kCorrupt, message.append("empty file; fetch a complete copy of it"));
  }
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()),
                              std::min(bytes.size(), kFormatHeadBytes));
  const std::optional<Format> format = known_format(head);
  if (format) return *format;
  message.append("it seems to be ").append(describe(head));
  throw Error(ErrorCode::kUnsupported, message.append("; readable are JPEG, PNG, WebP, TIFF and BMP"));
}

}  // namespace vitrine::image
