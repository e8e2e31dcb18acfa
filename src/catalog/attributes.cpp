// SPDX-License-Identifier: MIT
#include "catalog/attributes.h"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "catalog/database.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

constexpr std::size_t kMaxAttributesBytes = std::size_t{8} << 20;
constexpr int kMaxDepth = 1000;  // SQLite's JSON functions end at 2000

// Keeps the keys of the outermost object only; never builds the document.
class KeyCollector final : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::vector<std::string> keys;
  std::string problem;

  bool null() override { return scalar(); }
  bool boolean(bool) override { return scalar(); }
  bool number_integer(number_integer_t) override { return scalar(); }
  bool number_unsigned(number_unsigned_t) override { return scalar(); }
  bool number_float(number_float_t, const string_t&) override { return scalar(); }
  bool string(string_t&) override { return scalar(); }
  bool binary(binary_t&) override { return scalar(); }
  bool start_object(std::size_t) override { return enter(); }
  bool start_array(std::size_t) override { return depth_ == 0 ? scalar() : enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool key(string_t& name) override {
    if (depth_ == 1) keys.push_back(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    return fail(error.what());
  }

 private:
  bool fail(std::string finding) {
    problem = std::move(finding);
    return false;
  }
  bool scalar() { return depth_ > 0 || fail("it is not an object"); }
  bool enter() { return ++depth_ <= kMaxDepth || fail("it is nested deeper than 1000 levels"); }
  bool leave() {
    --depth_;
    return true;
  }
  int depth_ = 0;
};

bool needs_escape(std::string_view name) {
  for (const char c : name) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) return true;
  }
  return false;
}

[[noreturn]] void throw_bad_quality(const std::string& name, const char* finding) {
  throw Error(ErrorCode::kInvalidArgument,
              "cannot store the quality column '" + name + "': " + std::string(finding));
}

}  // namespace

std::vector<FieldName> check_attributes(std::string_view json) {
  const auto refuse = [](const std::string& finding) {
    throw Error(ErrorCode::kInvalidArgument, "cannot store the attributes: " + finding +
                                                 "; expected one JSON object such as {\"colour\": \"red\"}");
  };
  if (json.size() > kMaxAttributesBytes) refuse("they are longer than 8 MiB");
  KeyCollector collector;
  if (!nlohmann::json::sax_parse(json, &collector)) refuse(collector.problem);
  const bool escaped = json.find('\\') != std::string_view::npos;
  std::vector<FieldName> fields;
  for (std::string& key : collector.keys) {
    // SQL has no name for the others; they are stored like any.
    if (!key.empty() && is_text(key)) fields.push_back({std::move(key), escaped});
  }
  return fields;
}

std::string quality_to_json(const std::map<std::string, double>& quality) {
  if (quality.empty()) return "{}";
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [name, value] : quality) {
    if (name.empty() || !is_text(name)) throw_bad_quality(name, "its name is empty or not UTF-8");
    if (!std::isfinite(value)) throw_bad_quality(name, "its value is not a finite number");
    object[name] = value;
  }
  return object.dump();
}

std::vector<FieldName> quality_fields(const std::map<std::string, double>& quality) {
  std::vector<FieldName> fields;
  for (const auto& [name, value] : quality) fields.push_back({name, needs_escape(name)});
  return fields;
}

std::map<std::string, double> quality_from_json(std::string_view json) {
  if (json == "{}") return {};
  try {
    return nlohmann::json::parse(json).get<std::map<std::string, double>>();
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kCorrupt,
                "the catalogue's database is damaged: quality columns: " + std::string(error.what()));
  }
}

}  // namespace vitrine::catalog
