// SPDX-License-Identifier: MIT
#include "image/raw_pictures.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <jpeglib.h>
#include <png.h>
#include <tiffio.h>
#include <webp/encode.h>

namespace vitrine::test {
namespace {

std::vector<std::uint8_t> pixels_of(const Image& image) {
  return {image.pixels().begin(), image.pixels().end()};
}

Bytes copied(const void* data, std::size_t size) {
  const auto* begin = static_cast<const std::byte*>(data);
  return {begin, begin + size};
}

/// libtiff writes into this.
struct Target {
  Bytes bytes;
  std::size_t position = 0;
};

tmsize_t read_target(thandle_t handle, void* to, tmsize_t size) {
  auto* target = static_cast<Target*>(handle);
  const std::size_t num_read =
      std::min(static_cast<std::size_t>(size),
               target->bytes.size() - std::min(target->position, target->bytes.size()));
  if (num_read > 0) std::memcpy(to, target->bytes.data() + target->position, num_read);
  target->position += num_read;
  return static_cast<tmsize_t>(num_read);
}

tmsize_t write_target(thandle_t handle, void* from, tmsize_t size) {
  auto* target = static_cast<Target*>(handle);
  const std::size_t end = target->position + static_cast<std::size_t>(size);
  if (target->bytes.size() < end) target->bytes.resize(end);
  std::memcpy(target->bytes.data() + target->position, from, static_cast<std::size_t>(size));
  target->position = end;
  return size;
}

toff_t seek_target(thandle_t handle, toff_t offset, int whence) {
  auto* target = static_cast<Target*>(handle);
  if (whence == SEEK_CUR) offset += target->position;
  if (whence == SEEK_END) offset += target->bytes.size();
  target->position = offset;
  return offset;
}

int close_target(thandle_t) {
  return 0;
}
toff_t size_target(thandle_t handle) {
  return static_cast<Target*>(handle)->bytes.size();
}

void set_tiff_tags(TIFF* tiff, int width_px, int height_px, const TiffKind& kind) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width_px);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height_px);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind.num_channels);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind.bits_per_sample);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind.photometric);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind.compression);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, kind.orientation);
  if (kind.num_channels == 4 && kind.photometric == PHOTOMETRIC_RGB) {
    std::uint16_t extra = kind.associated_alpha ? EXTRASAMPLE_ASSOCALPHA : EXTRASAMPLE_UNASSALPHA;
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &extra);
  }
  if (!kind.palette.empty()) {
    const auto* palette = kind.palette.data();
    TIFFSetField(tiff, TIFFTAG_COLORMAP, palette, palette + 256, palette + 512);
  }
  if (kind.tile_px > 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, kind.tile_px);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, kind.tile_px);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kind.rows_per_strip);
  }
}

void write_tiff_tiles(TIFF* tiff, int width_px, int height_px, std::size_t pixel_bytes,
                      const std::vector<std::uint8_t>& samples, int tile_px) {
  const auto tile = static_cast<std::size_t>(tile_px);
  const auto width = static_cast<std::size_t>(width_px);
  const auto height = static_cast<std::size_t>(height_px);
  for (std::size_t top = 0; top < height; top += tile) {
    for (std::size_t left = 0; left < width; left += tile) {
      std::vector<std::uint8_t> block(tile * tile * pixel_bytes);
      for (std::size_t y = top; y < std::min(top + tile, height); ++y) {
        const std::size_t columns = std::min(tile, width - left);
        std::memcpy(block.data() + (y - top) * tile * pixel_bytes,
                    samples.data() + (y * width + left) * pixel_bytes, columns * pixel_bytes);
      }
      REQUIRE(TIFFWriteTile(tiff, block.data(), static_cast<std::uint32_t>(left),
                            static_cast<std::uint32_t>(top), 0, 0) > 0);
    }
  }
}

}  // namespace

Bytes exif_block(std::uint32_t orientation, bool big_endian) {
  Bytes bytes(26);
  const auto put16 = big_endian ? put_be16 : put_le16;
  const auto put32 = big_endian ? put_be32 : put_le32;
  bytes[0] = bytes[1] = std::byte{static_cast<unsigned char>(big_endian ? 'M' : 'I')};
  put16(bytes, 2, 42);
  put32(bytes, 4, 8);
  put16(bytes, 8, 1);
  put16(bytes, 10, 0x0112);
  put16(bytes, 12, 3);
  put32(bytes, 14, 1);
  put16(bytes, 18, orientation);
  return bytes;
}

Bytes jpeg_file(int width_px, int height_px, const std::vector<std::uint8_t>& samples, const JpegKind& kind) {
  jpeg_compress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &buffer, &size);
  jpeg.image_width = static_cast<JDIMENSION>(width_px);
  jpeg.image_height = static_cast<JDIMENSION>(height_px);
  jpeg.input_components = kind.num_channels;
  jpeg.in_color_space = kind.num_channels == 1 ? JCS_GRAYSCALE : kind.num_channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  if (kind.ycck) jpeg_set_colorspace(&jpeg, JCS_YCCK);
  if (kind.num_channels == 4) jpeg.write_Adobe_marker = TRUE;
  if (!kind.subsampled) jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = 1;
  jpeg_set_quality(&jpeg, kind.quality, TRUE);
  if (kind.progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  if (kind.orientation != 0) {
    Bytes exif = bytes_of(std::string("Exif\0\0", 6));
    append(exif, exif_block(static_cast<std::uint32_t>(kind.orientation)));
    jpeg_write_marker(&jpeg, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(exif.data()),
                      static_cast<unsigned>(exif.size()));
  }
  while (jpeg.next_scanline < jpeg.image_height) {
    const std::size_t offset =
        std::size_t{jpeg.next_scanline} * jpeg.image_width * std::size_t(kind.num_channels);
    auto* row = const_cast<JSAMPROW>(samples.data() + offset);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  Bytes bytes = copied(buffer, size);
  std::free(buffer);
  return bytes;
}

Bytes jpeg_file(const Image& image, const JpegKind& kind) {
  return jpeg_file(image.width_px(), image.height_px(), pixels_of(image), kind);
}

Bytes png_file(int width_px, int height_px, const std::vector<std::uint8_t>& samples, const PngKind& kind) {
  Bytes bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  const auto write = [](png_structp writer, png_bytep data, std::size_t size) {
    append(*static_cast<Bytes*>(png_get_io_ptr(writer)), copied(data, size));
  };
  png_set_write_fn(png, &bytes, write, [](png_structp) {});
  png_set_IHDR(png, info, static_cast<png_uint_32>(width_px), static_cast<png_uint_32>(height_px),
               kind.bit_depth, kind.colour_type, kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!kind.palette.empty()) {
    png_set_PLTE(png, info, reinterpret_cast<png_const_colorp>(kind.palette.data()),
                 static_cast<int>(kind.palette.size() / 3));
  }
  if (!kind.palette_alpha.empty()) {
    png_set_tRNS(png, info, kind.palette_alpha.data(), static_cast<int>(kind.palette_alpha.size()), nullptr);
  }
  if (kind.orientation != 0) {
    Bytes exif = exif_block(static_cast<std::uint32_t>(kind.orientation), true);
    png_set_eXIf_1(png, info, static_cast<png_uint_32>(exif.size()),
                   reinterpret_cast<png_bytep>(exif.data()));
  }
  std::vector<png_bytep> rows;
  const std::size_t row_bytes = samples.size() / static_cast<std::size_t>(height_px);
  for (int y = 0; y < height_px; ++y) {
    rows.push_back(const_cast<png_bytep>(samples.data() + row_bytes * static_cast<std::size_t>(y)));
  }
  png_set_rows(png, info, rows.data());
  png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
  png_destroy_write_struct(&png, &info);
  return bytes;
}

Bytes png_file(const Image& image, const PngKind& kind) {
  return png_file(image.width_px(), image.height_px(), pixels_of(image), kind);
}

Bytes webp_file(int width_px, int height_px, const std::vector<std::uint8_t>& rgba, bool lossless) {
  std::uint8_t* buffer = nullptr;
  const std::size_t size =
      lossless ? WebPEncodeLosslessRGBA(rgba.data(), width_px, height_px, 4 * width_px, &buffer)
               : WebPEncodeRGBA(rgba.data(), width_px, height_px, 4 * width_px, 95, &buffer);
  REQUIRE(size > 0);
  Bytes bytes = copied(buffer, size);
  WebPFree(buffer);
  return bytes;
}

Bytes webp_file(const Image& image, bool lossless) {
  return webp_file(image.width_px(), image.height_px(), with_opaque_alpha(image), lossless);
}

Bytes tiff_file(int width_px, int height_px, const std::vector<std::uint8_t>& samples, const TiffKind& kind) {
  Target target;
  TIFF* tiff = TIFFClientOpen("test", kind.big_tiff ? "w8" : "w", &target, read_target, write_target,
                              seek_target, close_target, size_target, nullptr, nullptr);
  REQUIRE(tiff != nullptr);
  set_tiff_tags(tiff, width_px, height_px, kind);
  const auto pixel_bytes = static_cast<std::size_t>(kind.num_channels * kind.bits_per_sample / 8);
  if (kind.tile_px > 0) {
    write_tiff_tiles(tiff, width_px, height_px, pixel_bytes, samples, kind.tile_px);
  } else {
    const std::size_t row_bytes = pixel_bytes * static_cast<std::size_t>(width_px);
    for (int y = 0; y < height_px; ++y) {
      auto* row = const_cast<std::uint8_t*>(samples.data() + row_bytes * static_cast<std::size_t>(y));
      REQUIRE(TIFFWriteScanline(tiff, row, static_cast<std::uint32_t>(y), 0) == 1);
    }
  }
  TIFFClose(tiff);
  return target.bytes;
}

Bytes tiff_file(const Image& image, const TiffKind& kind) {
  return tiff_file(image.width_px(), image.height_px(), pixels_of(image), kind);
}

Bytes bmp_file(const Image& image) {
  const auto width = static_cast<std::size_t>(image.width_px());
  const auto height = static_cast<std::size_t>(image.height_px());
  const std::size_t row_bytes = (3 * width + 3) / 4 * 4;
  Bytes bytes(54 + row_bytes * height);
  bytes[0] = std::byte{'B'};
  bytes[1] = std::byte{'M'};
  put_le32(bytes, 2, static_cast<std::uint32_t>(bytes.size()));
  put_le32(bytes, 10, 54);
  put_le32(bytes, 14, 40);
  put_le32(bytes, 18, static_cast<std::uint32_t>(width));
  put_le32(bytes, 22, static_cast<std::uint32_t>(height));
  put_le16(bytes, 26, 1);
  put_le16(bytes, 28, 24);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t i = 0; i < 3 * width; ++i) {
      const std::size_t channel = 2 - i % 3;
      bytes[54 + row_bytes * (height - 1 - y) + i] =
          static_cast<std::byte>(image.pixels()[3 * (y * width + i / 3) + channel]);
    }
  }
  return bytes;
}

std::vector<std::uint8_t> with_opaque_alpha(const Image& image) {
  std::vector<std::uint8_t> rgba;
  for (std::size_t i = 0; i < image.pixels().size(); i += 3) {
    rgba.insert(rgba.end(), {image.pixels()[i], image.pixels()[i + 1], image.pixels()[i + 2], 255});
  }
  return rgba;
}

}  // namespace vitrine::test
