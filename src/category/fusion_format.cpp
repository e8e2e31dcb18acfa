// SPDX-License-Identifier: MIT
#include "category/fusion_format.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "base/checksum.h"
#include "base/little_endian.h"
#include "vitrine/error.h"

namespace vitrine {
namespace category {
namespace {

using base::get;
using base::get_real;
using base::put;
using base::put_real;

constexpr std::array<unsigned char, 8> kMagic = {0x89, 'V', 'C', 'A', 'T', '\r', '\n', 0x1a};
constexpr std::uint16_t kMajorVersion = 1;
constexpr std::uint16_t kMinorVersion = 0;
constexpr std::size_t kHeaderBytes = 96;

// Offsets of the header's fields.
constexpr std::size_t kMajorAt = 8;
constexpr std::size_t kMinorAt = 10;
constexpr std::size_t kRequiredFlagsAt = 14;  // flags that a reader may ignore stand before, at 12
constexpr std::size_t kNeighborsAt = 16;
constexpr std::size_t kSamplesAt = 24;
constexpr std::size_t kLambdaAt = 32;
constexpr std::size_t kModelTemperatureAt = 40;
constexpr std::size_t kFusedTemperatureAt = 48;
constexpr std::size_t kAlphaAt = 56;
constexpr std::size_t kCountsAt = 64;  // own weights, model categories, search categories: 4 each; 4 reserved
constexpr std::size_t kBodyBytesAt = 80;
constexpr std::size_t kChecksumAt = 88;  // of bytes 0 to 87 and the body

[[noreturn]] void corrupt(std::size_t offset, const std::string& message) {
  throw Error(ErrorCode::kCorrupt,
              "reading a category fusion: at byte " + std::to_string(offset) + ": " + message);
}

void append_name(std::vector<std::byte>& body, std::string_view name) {
  const std::size_t at = body.size();
  body.resize(at + 4);
  put(body, at, static_cast<std::uint32_t>(name.size()));
  const auto bytes = std::as_bytes(std::span(name));
  body.insert(body.end(), bytes.begin(), bytes.end());
}

std::uint64_t checksum(std::span<const std::byte> bytes) {
  base::RunningChecksum sum;
  sum.update(bytes.first(kChecksumAt));
  sum.update(bytes.subspan(kHeaderBytes));
  return sum.digest();
}

// Takes the body apart from its beginning on.
class BodyReader {
 public:
  explicit BodyReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  double real() {
    demand(8);
    offset_ += 8;
    return get_real(bytes_, offset_ - 8);
  }
  std::string name() {
    demand(4);
    const auto length = get<std::uint32_t>(bytes_, offset_);
    offset_ += 4;
    demand(length);
    const auto* text = reinterpret_cast<const char*>(bytes_.data()) + offset_;
    offset_ += length;
    return {text, length};
  }
  std::vector<std::string> names(std::uint32_t count) {
    std::vector<std::string> result;
    for (std::uint32_t i = 0; i < count; ++i) result.push_back(name());
    return result;
  }
  void demand_end() const {
    if (offset_ != bytes_.size()) corrupt(offset_, "expected the end");
  }

 private:
  void demand(std::size_t count) const {
    if (bytes_.size() - offset_ < count) corrupt(offset_, "a name or weight reaches beyond the end");
  }
  std::span<const std::byte> bytes_;
  std::size_t offset_ = kHeaderBytes;
};

void check_header(std::span<const std::byte> bytes) {
  if (bytes.size() < kHeaderBytes)
    corrupt(bytes.size(), "expected a header of " + std::to_string(kHeaderBytes) + " bytes, found the end");
  for (std::size_t i = 0; i < kMagic.size(); ++i) {
    if (std::to_integer<unsigned>(bytes[i]) != kMagic[i])
      corrupt(i, "these are not the bytes of a category fusion");
  }
  const auto body_bytes = get<std::uint64_t>(bytes, kBodyBytesAt);
  if (body_bytes != bytes.size() - kHeaderBytes) {
    corrupt(kBodyBytesAt, "expected " + std::to_string(body_bytes) + " bytes behind the header, found " +
                              std::to_string(bytes.size() - kHeaderBytes));
  }
  if (get<std::uint64_t>(bytes, kChecksumAt) != checksum(bytes))
    corrupt(kChecksumAt, "the bytes do not match their checksum");
  const auto major = get<std::uint16_t>(bytes, kMajorAt);
  if (major != kMajorVersion || get<std::uint16_t>(bytes, kRequiredFlagsAt) != 0) {
    throw Error(ErrorCode::kUnsupported, "reading a category fusion: format version " +
                                             std::to_string(major) +
                                             " or one of its flags is not known to this version of Vitrine");
  }
}

}  // namespace

std::vector<std::byte> write_fusion(const CategoryFusion& fusion) {
  std::vector<std::byte> bytes(kHeaderBytes);
  for (const auto& [name, alpha] : fusion.category_alphas) {
    bytes.resize(bytes.size() + 8);
    put_real(bytes, bytes.size() - 8, alpha);
    append_name(bytes, name);
  }
  for (const auto* names : {&fusion.model_categories, &fusion.search_categories}) {
    for (const std::string& name : *names) append_name(bytes, name);
  }
  std::transform(kMagic.begin(), kMagic.end(), bytes.begin(),
                 [](unsigned char byte) { return static_cast<std::byte>(byte); });
  put(bytes, kMajorAt, kMajorVersion);
  put(bytes, kMinorAt, kMinorVersion);
  put(bytes, kNeighborsAt, static_cast<std::uint64_t>(fusion.num_neighbors));
  put(bytes, kSamplesAt, fusion.num_samples);
  put_real(bytes, kLambdaAt, fusion.lambda);
  put_real(bytes, kModelTemperatureAt, fusion.model_temperature);
  put_real(bytes, kFusedTemperatureAt, fusion.fused_temperature);
  put_real(bytes, kAlphaAt, fusion.alpha);
  put(bytes, kCountsAt, static_cast<std::uint32_t>(fusion.category_alphas.size()));
  put(bytes, kCountsAt + 4, static_cast<std::uint32_t>(fusion.model_categories.size()));
  put(bytes, kCountsAt + 8, static_cast<std::uint32_t>(fusion.search_categories.size()));
  put(bytes, kBodyBytesAt, static_cast<std::uint64_t>(bytes.size() - kHeaderBytes));
  put(bytes, kChecksumAt, checksum(bytes));
  return bytes;
}

CategoryFusion read_fusion(std::span<const std::byte> bytes) {
  check_header(bytes);
  CategoryFusion fusion;
  fusion.num_neighbors = get<std::uint64_t>(bytes, kNeighborsAt);
  fusion.num_samples = get<std::uint64_t>(bytes, kSamplesAt);
  fusion.lambda = get_real(bytes, kLambdaAt);
  fusion.model_temperature = get_real(bytes, kModelTemperatureAt);
  fusion.fused_temperature = get_real(bytes, kFusedTemperatureAt);
  fusion.alpha = get_real(bytes, kAlphaAt);
  BodyReader body(bytes);
  for (auto count = get<std::uint32_t>(bytes, kCountsAt); count > 0; --count) {
    const double alpha = body.real();
    fusion.category_alphas.emplace(body.name(), alpha);
  }
  fusion.model_categories = body.names(get<std::uint32_t>(bytes, kCountsAt + 4));
  fusion.search_categories = body.names(get<std::uint32_t>(bytes, kCountsAt + 8));
  body.demand_end();
  try {
    fusion.validate();
  } catch (const Error& error) {
    corrupt(kNeighborsAt, error.what());
  }
  return fusion;
}

}  // namespace category

void CategoryFusion::validate() const {
  const auto require = [](bool holds, const char* expectation) {
    if (!holds)
      throw Error(ErrorCode::kInvalidArgument,
                  std::string("impossible category fusion: expected ") + expectation);
  };
  const auto is_share = [](double value) { return value >= 0 && value <= 1; };
  const auto is_temperature = [](double value) { return value >= 0.001 && value <= 1000; };
  require(num_neighbors >= 1, "at least 1 neighbour");
  require(lambda >= 0 && lambda <= 1e6, "lambda from 0 to 1000000");
  require(is_temperature(model_temperature) && is_temperature(fused_temperature),
          "temperatures from 0.001 to 1000");
  require(is_share(alpha), "alpha from 0 to 1");
  for (const auto& [name, own] : category_alphas) require(is_share(own), "every alpha from 0 to 1");
}

std::vector<std::byte> CategoryFusion::to_bytes() const {
  return category::write_fusion(*this);
}

CategoryFusion CategoryFusion::from_bytes(std::span<const std::byte> bytes) {
  return category::read_fusion(bytes);
}

}  // namespace vitrine
