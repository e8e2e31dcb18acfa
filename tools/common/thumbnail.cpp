// SPDX-License-Identifier: MIT
#include "common/thumbnail.h"

#include <algorithm>
#include <cstdint>

namespace vitrine::tools {
namespace {

Image shrunk(const Image& image, int max_side_px) {
  const int longer_px = std::max(image.width_px(), image.height_px());
  if (longer_px <= max_side_px) {
    return image;
  }
  const auto scaled = [&](int side_px) {
    return std::max(1, static_cast<int>(static_cast<std::int64_t>(side_px) * max_side_px / longer_px));
  };
  return resize(image, scaled(image.width_px()), scaled(image.height_px()));
}

}  // namespace

std::string thumbnail_uri(const Image& image, int max_side_px) {
  return "data:image/jpeg;base64," + base64(encode_jpeg(shrunk(image, max_side_px)));
}

std::string base64(std::span<const std::byte> bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t j) {
      return j < bytes.size() ? std::to_integer<std::uint32_t>(bytes[j]) : 0U;
    };
    const std::uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    text += kDigits[bits >> 18];
    text += kDigits[bits >> 12 & 63];
    text += i + 1 < bytes.size() ? kDigits[bits >> 6 & 63] : '=';
    text += i + 2 < bytes.size() ? kDigits[bits & 63] : '=';
  }
  return text;
}

}  // namespace vitrine::tools
