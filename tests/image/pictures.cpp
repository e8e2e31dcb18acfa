// SPDX-License-Identifier: MIT
#include "image/pictures.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

namespace vitrine::test {

Image gradient(int width_px, int height_px) {
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x) {
      pixels.push_back(static_cast<std::uint8_t>(30 + 200 * x / width_px));
      pixels.push_back(static_cast<std::uint8_t>(220 - 180 * y / height_px));
      pixels.push_back(static_cast<std::uint8_t>(40 + 90 * x / width_px + 60 * y / height_px));
    }
  }
  return Image(width_px, height_px, std::move(pixels));
}

Image noise(int width_px, int height_px, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(width_px) * static_cast<std::size_t>(height_px) *
                                   3);
  for (auto& value : pixels) value = static_cast<std::uint8_t>(random());
  return Image(width_px, height_px, std::move(pixels));
}

Image rearrange(const Image& image, int width_px, int height_px, const std::function<Point(Point)>& source) {
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x) {
      const Point from = source({x, y});
      const std::size_t offset = 3 * static_cast<std::size_t>(from.y * image.width_px() + from.x);
      for (std::size_t i = 0; i < 3; ++i) pixels.push_back(image.pixels()[offset + i]);
    }
  }
  return Image(width_px, height_px, std::move(pixels));
}

Image as_stored(const Image& upright, int orientation) {
  const int right = upright.width_px() - 1;
  const int bottom = upright.height_px() - 1;
  // EXIF names the visual place of the stored row 0 and column 0, for example 6: row 0 is the right-hand
  // side, column 0 the top. So stored (x, y) is at (right - y, x).
  const std::function<Point(Point)> places[9] = {
      nullptr,
      [](Point p) { return p; },
      [=](Point p) {
        return Point{right - p.x, p.y};
      },
      [=](Point p) {
        return Point{right - p.x, bottom - p.y};
      },
      [=](Point p) {
        return Point{p.x, bottom - p.y};
      },
      [](Point p) {
        return Point{p.y, p.x};
      },
      [=](Point p) {
        return Point{right - p.y, p.x};
      },
      [=](Point p) {
        return Point{right - p.y, bottom - p.x};
      },
      [=](Point p) {
        return Point{p.y, bottom - p.x};
      },
  };
  const bool swaps = orientation >= 5;
  return rearrange(upright, swaps ? upright.height_px() : upright.width_px(),
                   swaps ? upright.width_px() : upright.height_px(), places[orientation]);
}

double psnr(const Image& left, const Image& right) {
  if (left.width_px() != right.width_px() || left.height_px() != right.height_px()) return 0;
  double squares = 0;
  for (std::size_t i = 0; i < left.pixels().size(); ++i) {
    const double difference = double(left.pixels()[i]) - double(right.pixels()[i]);
    squares += difference * difference;
  }
  if (squares == 0) return 100;
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(left.pixels().size()) / squares);
}

bool same_pixels(const Image& left, const Image& right) {
  return left.width_px() == right.width_px() && std::ranges::equal(left.pixels(), right.pixels());
}

std::optional<Error> decoding_error(const Bytes& bytes, const DecodeOptions& options) {
  try {
    Image::decode(bytes, options, "test picture");
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

ErrorCode decoding_code(const Bytes& bytes, const DecodeOptions& options) {
  const std::optional<Error> error = decoding_error(bytes, options);
  REQUIRE(error.has_value());
  INFO(error->what());
  CHECK(std::string(error->what()).find("test picture") != std::string::npos);
  return error->code();
}

void put_le16(Bytes& bytes, std::size_t offset, std::uint32_t value) {
  bytes.at(offset) = static_cast<std::byte>(value);
  bytes.at(offset + 1) = static_cast<std::byte>(value >> 8);
}

void put_le32(Bytes& bytes, std::size_t offset, std::uint32_t value) {
  put_le16(bytes, offset, value);
  put_le16(bytes, offset + 2, value >> 16);
}

void put_be16(Bytes& bytes, std::size_t offset, std::uint32_t value) {
  bytes.at(offset) = static_cast<std::byte>(value >> 8);
  bytes.at(offset + 1) = static_cast<std::byte>(value);
}

void put_be32(Bytes& bytes, std::size_t offset, std::uint32_t value) {
  put_be16(bytes, offset, value >> 16);
  put_be16(bytes, offset + 2, value);
}

void append(Bytes& bytes, const Bytes& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

Bytes bytes_of(const std::string& text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

}  // namespace vitrine::test
