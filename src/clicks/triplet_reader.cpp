// SPDX-License-Identifier: MIT
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/mapped_file.h"
#include "engine/line_reader.h"
#include "engine/manifest_row.h"
#include "vitrine/error.h"
#include "vitrine/triplets.h"

namespace vitrine {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(ErrorCode::kCorrupt, reason);
}

const json& field(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) refuse(std::string("expected a field '") + name + "', found none");
  return *found;
}

std::string text_of(const json& value, const std::string& name) {
  if (!value.is_string()) refuse(name + ": expected a string, found " + std::string(value.type_name()));
  auto text = value.get<std::string>();
  if (text.empty()) refuse(name + ": expected a string that is not empty");
  return text;
}

Triplet triplet_of(std::string_view line) {
  const json object = engine::parse_json(line);
  if (!object.is_object()) refuse("expected a JSON object, found " + std::string(object.type_name()));
  Triplet triplet;
  triplet.query = text_of(field(object, "query"), "query");
  triplet.positive = text_of(field(object, "positive"), "positive");
  triplet.positive_product = text_of(field(object, "positive_product"), "positive_product");
  const json& negatives = field(object, "negatives");
  if (!negatives.is_array())
    refuse("negatives: expected an array, found " + std::string(negatives.type_name()));
  for (const json& negative : negatives) triplet.negatives.push_back(text_of(negative, "negatives"));
  if (triplet.negatives.empty()) refuse("negatives: expected at least one, found none");
  const json& weight = field(object, "weight");
  if (!weight.is_number()) refuse("weight: expected a number, found " + std::string(weight.type_name()));
  triplet.weight = weight.get<double>();
  if (!(triplet.weight > 0) || !std::isfinite(triplet.weight))
    refuse("weight: expected a number above 0, found " + weight.dump());
  return triplet;
}

}  // namespace

struct TripletReader::Impl {
  explicit Impl(const std::filesystem::path& path)
      : file(path),
        mapped(path),
        lines({reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size()}) {}

  std::filesystem::path file;
  base::MappedFile mapped;
  engine::LineReader lines;
};

TripletReader::TripletReader(const std::filesystem::path& file) : impl_(std::make_unique<Impl>(file)) {}
TripletReader::TripletReader(TripletReader&&) noexcept = default;
TripletReader& TripletReader::operator=(TripletReader&&) noexcept = default;
TripletReader::~TripletReader() = default;

std::optional<Triplet> TripletReader::next() {
  const std::optional<engine::Line> line = impl_->lines.next();
  if (!line) return std::nullopt;
  try {
    if (line->text.size() > engine::LineReader::kMaxLineBytes) refuse("the line is longer than 1 MiB");
    return triplet_of(line->text);
  } catch (const Error& error) {
    throw Error(error.code(), "cannot read a triplet from '" + impl_->file.string() + ":" +
                                  std::to_string(line->number) + "': " + error.what());
  }
}

}  // namespace vitrine
