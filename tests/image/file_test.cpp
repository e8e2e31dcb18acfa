// SPDX-License-Identifier: MIT
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "image/pictures.h"
#include "image/raw_pictures.h"

namespace vitrine {
namespace {

namespace fs = std::filesystem;
using test::Bytes;
using test::bytes_of;
using test::decoding_error;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "vitrine-image-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  fs::path write(const std::string& name, const Bytes& bytes) const {
    std::ofstream file(path_ / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path_ / name;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Error reading_error(const fs::path& path, const DecodeOptions& options = {}) {
  try {
    Image::read(path, options);
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find(path.native()) != std::string::npos);
    return error;
  }
  FAIL("no error");
  throw std::logic_error("not reached");
}

bool mentions(const Error& error, const std::string& text) {
  INFO(error.what());
  return std::string(error.what()).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a picture is read whatever its name says") {
  const TemporaryFolder folder;
  const Image image = test::noise(9, 7, 1);
  for (const char* name : {"a.png", "b.jpg", "c", "d.txt", "\xff\xfe not UTF-8.png"}) {
    CHECK(test::same_pixels(Image::read(folder.write(name, encode_png(image))), image));
  }
}

TEST_CASE("a file that cannot be read says why") {
  const TemporaryFolder folder;
  CHECK(reading_error(folder.path() / "missing.jpg").code() == ErrorCode::kNotFound);
  CHECK(reading_error(folder.path()).code() == ErrorCode::kInvalidArgument);
  CHECK(mentions(reading_error(folder.path()), "folder"));
  const Error empty = reading_error(folder.write("empty.jpg", {}));
  CHECK(empty.code() == ErrorCode::kCorrupt);
  CHECK(mentions(empty, "empty file"));
  CHECK(reading_error(folder.write("bad \xff name.jpg", bytes_of("some text"))).code() ==
        ErrorCode::kUnsupported);
}

TEST_CASE("pipes and devices are refused without waiting for them") {
  const TemporaryFolder folder;
  const fs::path pipe = folder.path() / "pipe.jpg";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(reading_error(pipe).code() == ErrorCode::kInvalidArgument);
  CHECK(reading_error("/dev/zero").code() == ErrorCode::kInvalidArgument);
}

TEST_CASE("a file larger than any picture within the limit is refused unread") {
  const TemporaryFolder folder;
  const fs::path path = folder.write("huge.png", encode_png(test::noise(9, 7, 1)));
  fs::resize_file(path, std::uintmax_t{100} << 30);  // sparse
  CHECK(reading_error(path).code() == ErrorCode::kResource);
  const fs::path film = folder.write("film.jpg", bytes_of(std::string("\0\0\0\x20"
                                                                      "ftypisom",
                                                                      12)));
  fs::resize_file(film, std::uintmax_t{100} << 30);
  CHECK(reading_error(film).code() == ErrorCode::kUnsupported);
}

TEST_CASE("files in other formats are refused with a name for what they seem to be") {
  const std::pair<std::string, std::string> cases[] = {
      {"hello, I am text\n", "text file"},
      {"\xc3\x84pfel und Birnen\n", "text file"},
      {"BMW cars are listed here, one a line\n", "text file"},
      {"GIF89a...", "GIF"},
      {std::string("\0\0\0\x18"
                   "ftypheic",
                   12),
       "HEIC"},
      {std::string("\0\0\0\x18"
                   "ftypavif",
                   12),
       "AVIF"},
      {std::string("\0\0\0\x18"
                   "ftypisom",
                   12),
       "video"},
      {"%PDF-1.7", "PDF"},
      {"<!DOCTYPE html>", "HTML"},
      {"PK\x03\x04", "ZIP"},
      {std::string(100, '\0'), "zero bytes"},
      {"\x01\x02\x03\x04", "no format known"},
      {"\xff", "no format known"},
  };
  for (const auto& [content, kind] : cases) {
    const auto error = decoding_error(bytes_of(content));
    REQUIRE(error.has_value());
    CHECK(error->code() == ErrorCode::kUnsupported);
    CHECK(mentions(*error, kind));
    CHECK(mentions(*error, "JPEG, PNG, WebP, TIFF and BMP"));
  }
}

TEST_CASE("a picture is made only of pixels that fit its size") {
  CHECK(Image(2, 1, std::vector<std::uint8_t>(6)).width_px() == 2);
  CHECK_THROWS_AS(Image(2, 1, std::vector<std::uint8_t>(5)), Error);
  CHECK_THROWS_AS(Image(2, 1, std::vector<std::uint8_t>(7)), Error);
  CHECK_THROWS_AS(Image(0, 0, {}), Error);
  CHECK_THROWS_AS(Image(-2, -1, std::vector<std::uint8_t>(6)), Error);
  CHECK(Image().empty());
}

TEST_CASE("a negative smallest side is refused") {
  const Bytes file = encode_png(test::noise(3, 3, 1));
  CHECK(test::decoding_code(encode_png(test::noise(3, 3, 1)), {.max_pixels = 8}) == ErrorCode::kResource);
  const auto error = decoding_error(file, {.min_side_px = -1});
  REQUIRE(error.has_value());
  CHECK(error->code() == ErrorCode::kInvalidArgument);
}

}  // namespace vitrine
