// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <random>

#include "network/error_matcher.h"
#include "network/safetensors.h"
#include "temporary_folder.h"

namespace vitrine::test {
namespace {

using network::SafetensorsFile;

class HostileFile {
 public:
  void write(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }

  std::optional<Error> error() const {
    return error_of([this] { SafetensorsFile::open(path_); });
  }

  /// The error for a file of this header, with its true length, and data.
  std::optional<Error> error_of_header(const std::string& header, const std::string& data = "") const {
    write(with_length(header.size(), header) + data);
    return error();
  }

  static std::string with_length(std::uint64_t length, const std::string& header) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(length >> (8 * i) & 0xFF);
    return bytes + header;
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "hostile.safetensors";
};

std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"t":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

TEST_CASE("a well-formed file of the hostile tests opens") {
  const HostileFile file;
  REQUIRE_FALSE(file.error_of_header(tensor(R"("F32")", "[1,2]", "[0,8]"), std::string(8, '\0')));
  REQUIRE_FALSE(file.error_of_header(tensor(R"("F16")", "[]", "[0,2]") + "   ", std::string(2, '\0')));
  REQUIRE_FALSE(file.error_of_header("{}"));
}

TEST_CASE("a wrong header length is refused") {
  const HostileFile file;
  const auto refuses = [&](const std::string& bytes) {
    file.write(bytes);
    const auto error = file.error();
    return error && error->code() == ErrorCode::kCorrupt;
  };
  CHECK(refuses(""));
  CHECK(refuses("1234567"));
  CHECK(refuses(HostileFile::with_length(0, "{}")));
  CHECK(refuses(HostileFile::with_length(3, "{}")));
  CHECK(refuses(HostileFile::with_length(~std::uint64_t{0}, "{}")));
  CHECK(refuses(HostileFile::with_length(~std::uint64_t{0} - 7, "{}")));
  CHECK(refuses(HostileFile::with_length(std::uint64_t{1} << 40, "{}")));
}

TEST_CASE("a header beyond the limit is refused before it is parsed") {
  const HostileFile file;
  const auto error = file.error_of_header("{}" + std::string((std::size_t{16} << 20) + 1, ' '));
  REQUIRE(error);
  REQUIRE_THAT(error->what(), Catch::Contains("limit"));
}

TEST_CASE("a header that is not the expected JSON is refused") {
  const HostileFile file;
  const std::string good = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])";
  const std::string headers[] = {
      "[]", "null", "{", "{}x", " {}", R"({"t":1})", R"({"t":[]})", "{\"\xFF\":{}}", R"({"t":{}})",
      R"({"__metadata__":[]})", R"({"__metadata__":{"a":1}})", R"({"__metadata__":{"a":{"b":"c"}}})",
      // a field missing, and one too many
      R"({"t":{"shape":[2],"data_offsets":[0,8]}})", R"({"t":{"dtype":"F32","data_offsets":[0,8]}})",
      R"({"t":{"dtype":"F32","shape":[2]}})", R"({"t":{)" + good + R"(,"extra":1}})",
      // repeated keys, at every level
      R"({"t":{)" + good + R"(},"t":{)" + good + "}}", R"({"t":{)" + good + R"(,"dtype":"F32"}})",
      R"({"__metadata__":{"a":"1","a":"2"},"t":{)" + good + "}}",
      R"({"__metadata__":{},"__metadata__":{},"t":{)" + good + "}}",
      // deep nesting
      std::string(100000, '[') + std::string(100000, ']'),
      R"({"t":{"dtype":"F32","shape":)" + std::string(100000, '[') + std::string(100000, ']') + "}}"};
  for (const std::string& header : headers) {
    INFO(header.substr(0, 100));
    const auto error = file.error_of_header(header, std::string(8, '\0'));
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::kCorrupt);
  }
}

TEST_CASE("a dtype that is no known one is refused") {
  const HostileFile file;
  const std::string data(8, '\0');
  for (const char* dtype : {R"("F64")", R"("BF16")", R"("f32")", R"("")"}) {
    INFO(dtype);
    CHECK(file.error_of_header(tensor(dtype, "[1]", "[0,8]"), data)->code() == ErrorCode::kUnsupported);
  }
  for (const char* dtype : {"1", "null", "[]"}) {
    INFO(dtype);
    CHECK(file.error_of_header(tensor(dtype, "[1]", "[0,8]"), data)->code() == ErrorCode::kCorrupt);
  }
}

TEST_CASE("a wrong shape is refused") {
  const HostileFile file;
  for (const char* shape : {"[-2]", "[2.0]", "[\"2\"]", "2", "null", "[3]", "[1]", "[]", "[[2]]", "[0]",
                            "[9223372036854775808]", "[18446744073709551615]", "[1e3]",
                            // products that wrap around to 2
                            "[4611686018427387905,2]", "[2147483648,4294967296,2]"}) {
    INFO(shape);
    const auto error = file.error_of_header(tensor(R"("F32")", shape, "[0,8]"), std::string(8, '\0'));
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::kCorrupt);
  }
}

TEST_CASE("wrong offsets are refused") {
  const HostileFile file;
  for (const char* offsets :
       {"[0]", "[0,4,8]", "[]", "8", "[\"0\",8]", "[-8,0]", "[8,0]", "[0,16]", "[0,7]", "[1,9]", "[0.0,8]",
        "[18446744073709551608,18446744073709551615]", "[9223372036854775800,8]"}) {
    INFO(offsets);
    const auto error = file.error_of_header(tensor(R"("F32")", "[2]", offsets), std::string(8, '\0'));
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::kCorrupt);
  }
}

TEST_CASE("overlaps, gaps and bytes of no tensor are refused") {
  const HostileFile file;
  const auto two = [](const char* first, const char* second) {
    return std::string(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)") + first +
           R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":)" + second + "}}";
  };
  const auto finding = [&](const std::string& header, std::size_t data_bytes) {
    const auto error = file.error_of_header(header, std::string(data_bytes, '\0'));
    return error ? std::string(error->what()) : "";
  };
  REQUIRE(finding(two("[0,4]", "[4,8]"), 8).empty());
  CHECK_THAT(finding(two("[0,4]", "[0,4]"), 4), Catch::Contains("overlaps"));
  CHECK_THAT(finding(two("[0,4]", "[2,6]"), 6), Catch::Contains("overlaps"));
  CHECK_THAT(finding(two("[0,4]", "[6,10]"), 10), Catch::Contains("gap"));
  CHECK_THAT(finding(two("[1,5]", "[5,9]"), 9), Catch::Contains("gap"));
  CHECK_THAT(finding(two("[0,4]", "[4,8]"), 9), Catch::Contains("no tensor"));
  CHECK_THAT(finding("{}", 1), Catch::Contains("no tensor"));
}

TEST_CASE("every truncation is refused and no changed byte goes through the data unnoticed") {
  const HostileFile file;
  const std::vector<float> values = {1, 2, 3, 4};
  const network::NamedTensor tensors[] = {network::float32_tensor("a", {2, 2}, values),
                                          network::float16_tensor("b", {4}, values)};
  network::write_safetensors(file.path(), {{"note", "n"}}, tensors);
  std::ifstream stream(file.path(), std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(stream)), {});
  for (std::size_t length = 0; length < good.size(); ++length) {
    file.write(good.substr(0, length));
    const auto error = file.error();
    REQUIRE(error);
    REQUIRE(error->code() == ErrorCode::kCorrupt);
  }
  const std::size_t data_begin = good.size() - 24;
  std::mt19937 random(3);
  for (std::size_t position = 0; position < good.size(); ++position) {
    for (const unsigned mask : {1U, 0x80U, 1 + static_cast<unsigned>(random() % 255)}) {
      std::string bad = good;
      bad[position] = static_cast<char>(static_cast<unsigned char>(bad[position]) ^ mask);
      file.write(bad);
      const auto error = file.error();  // anything but vitrine::Error would end the test
      if (position >= data_begin) REQUIRE(error);
    }
  }
}

}  // namespace
}  // namespace vitrine::test
