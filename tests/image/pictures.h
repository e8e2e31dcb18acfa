// SPDX-License-Identifier: MIT
#pragma once
/// Pictures that the tests make themselves, and ways to compare them.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vitrine/error.h"
#include "vitrine/image.h"

namespace vitrine::test {

using Bytes = std::vector<std::byte>;

/// Smooth colours, different in every corner: JPEG and lossy WebP keep them well, and no turn maps it onto
/// itself.
Image gradient(int width_px, int height_px);

/// Independent random pixels.
Image noise(int width_px, int height_px, unsigned seed);

/// Pixel (x, y) of the result is pixel source(x, y) of `image`.
struct Point {
  int x;
  int y;
};
Image rearrange(const Image& image, int width_px, int height_px, const std::function<Point(Point)>& source);

/// `upright` as a camera held in EXIF `orientation` stores it: turning the result upright gives `upright`
/// again.
Image as_stored(const Image& upright, int orientation);

/// Peak signal-to-noise ratio in dB; 0 if the sizes differ, 100 if the pictures are equal.
double psnr(const Image& left, const Image& right);

bool same_pixels(const Image& left, const Image& right);

/// What decoding ends with: an error, or nothing.
std::optional<Error> decoding_error(const Bytes& bytes, const DecodeOptions& options = {});

/// The code of decoding_error(); the test fails if there is none.
ErrorCode decoding_code(const Bytes& bytes, const DecodeOptions& options = {});

void put_le16(Bytes& bytes, std::size_t offset, std::uint32_t value);
void put_le32(Bytes& bytes, std::size_t offset, std::uint32_t value);
void put_be16(Bytes& bytes, std::size_t offset, std::uint32_t value);
void put_be32(Bytes& bytes, std::size_t offset, std::uint32_t value);
void append(Bytes& bytes, const Bytes& more);
Bytes bytes_of(const std::string& text);

}  // namespace vitrine::test
