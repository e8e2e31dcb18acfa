// SPDX-License-Identifier: MIT
/// Files of every format, damaged in every way that can be tried within seconds. Run under the sanitizers,
/// too.
#include <tiff.h>

#include <catch2/catch.hpp>
#include <random>
#include <thread>

#include "image/pictures.h"
#include "image/raw_pictures.h"

namespace vitrine {
namespace {

using test::Bytes;

struct Sample {
  std::string name;
  Bytes bytes;
};

std::vector<Sample> samples() {
  const Image image = test::noise(24, 18, 9);
  const Image small = test::noise(12, 10, 9);
  const std::vector<std::uint8_t> grey(12 * 10, 100);
  std::vector<std::uint8_t> rgba = test::with_opaque_alpha(small);
  for (std::size_t i = 3; i < rgba.size(); i += 4) rgba[i] = static_cast<std::uint8_t>(i);
  return {
      {"JPEG", test::jpeg_file(image, {.orientation = 6, .quality = 50})},
      {"progressive JPEG", test::jpeg_file(image, {.progressive = true, .quality = 50})},
      {"grey JPEG", test::jpeg_file(12, 10, grey, {.num_channels = 1})},
      {"CMYK JPEG", test::jpeg_file(12, 10, rgba, {.num_channels = 4, .quality = 50})},
      {"PNG", test::png_file(small, {.orientation = 5})},
      {"interlaced PNG", test::png_file(small, {.interlaced = true})},
      {"RGBA PNG", test::png_file(12, 10, rgba, {.colour_type = 6})},
      {"lossless WebP", test::webp_file(small, true)},
      {"lossy WebP", test::webp_file(small, false)},
      {"lossy WebP with alpha", test::webp_file(12, 10, rgba, false)},
      {"TIFF", test::tiff_file(small)},
      {"LZW TIFF", test::tiff_file(small, {.compression = COMPRESSION_LZW})},
      {"deflated TIFF", test::tiff_file(small, {.compression = COMPRESSION_ADOBE_DEFLATE, .tile_px = 16})},
      {"packed TIFF", test::tiff_file(small, {.compression = COMPRESSION_PACKBITS})},
      {"JPEG TIFF",
       test::tiff_file(test::gradient(32, 32), {.compression = COMPRESSION_JPEG, .rows_per_strip = 16})},
      {"BMP", test::bmp_file(small)},
  };
}

/// A copy of exactly this size, so that a sanitizer sees every byte read too far.
Bytes first_bytes(const Bytes& bytes, std::size_t size) {
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

}  // namespace

TEST_CASE("a file cut at any length is an error, or the whole picture if only its trailer is missing") {
  for (const Sample& sample : samples()) {
    const Image whole = Image::decode(sample.bytes);
    for (std::size_t size = 0; size < sample.bytes.size(); ++size) {
      INFO(sample.name << " cut to " << size << " of " << sample.bytes.size() << " bytes");
      try {
        const Image cut = Image::decode(first_bytes(sample.bytes, size));
        if (!test::same_pixels(cut, whole)) FAIL("a partial picture");
      } catch (const Error& error) {
        const bool expected = error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kUnsupported;
        if (!expected) FAIL(error.what());
      }
    }
  }
}

TEST_CASE("changed bytes end in a picture or an error, at reduced scale, too") {
  std::mt19937 random(11);
  for (const Sample& sample : samples()) {
    for (int round = 0; round < 1000; ++round) {
      Bytes changed = sample.bytes;
      const unsigned num_changes = 1 + random() % 4;
      // Every other time in the header, where the damage is more interesting.
      const std::size_t range = round % 2 == 0 ? changed.size() : std::min<std::size_t>(changed.size(), 100);
      for (unsigned i = 0; i < num_changes; ++i) changed[random() % range] = static_cast<std::byte>(random());
      try {
        const Image image =
            Image::decode(changed, {.max_pixels = 1'000'000, .min_side_px = round % 3 == 0 ? 5 : 0});
        if (image.empty()) FAIL("an empty picture");
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kInternal) FAIL(sample.name << ": " << error.what());
      }
    }
  }
}

TEST_CASE("a changed byte in a PNG's pixels is always noticed") {
  const Bytes file = test::png_file(test::noise(12, 10, 9));
  for (std::size_t offset = 29; offset < file.size(); ++offset) {
    Bytes changed = file;
    changed[offset] ^= std::byte{0x10};
    CHECK(test::decoding_code(changed) == ErrorCode::kCorrupt);
  }
}

TEST_CASE("whole and damaged pictures can be decoded by several threads at once") {
  const std::vector<Sample> files = samples();
  std::vector<Image> expected;
  for (const Sample& sample : files) expected.push_back(Image::decode(sample.bytes));
  constexpr std::size_t kNumThreads = 4;
  std::vector<std::size_t> num_wrong(kNumThreads);  // Catch's assertions are for one thread
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kNumThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::size_t i = 0; i < 20 * files.size(); ++i) {
        const std::size_t file = (i + 5 * thread) % files.size();
        if (!test::same_pixels(Image::decode(files[file].bytes), expected[file])) ++num_wrong[thread];
        if (!test::decoding_error(first_bytes(files[file].bytes, files[file].bytes.size() / 2)))
          ++num_wrong[thread];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(num_wrong == std::vector<std::size_t>(kNumThreads, 0));
}

}  // namespace vitrine
