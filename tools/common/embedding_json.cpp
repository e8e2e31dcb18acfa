// SPDX-License-Identifier: MIT
#include "common/embedding_json.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <span>

#include "common/number_text.h"
#include "vitrine/category.h"

namespace vitrine::tools {
namespace {

using Json = nlohmann::ordered_json;

std::string hex(std::span<const std::byte> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4];
    text += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

// The shortest digits that give each float back; the JSON library would print doubles.
std::string float_array(std::span<const float> values) {
  std::string text = "[";
  for (const float value : values) {
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    if (text.size() > 1) text += ',';
    text.append(digits, end);
  }
  return text + "]";
}

}  // namespace

std::string embedding_json(const std::string& path, const EmbeddedPicture& picture, const ModelInfo& model,
                           EmbeddingFields fields) {
  const Embedding& embedding = picture.embedding;
  Json object = {{"schema", "vitrine.embedding/1"}, {"path", path},   {"width", picture.width_px},
                 {"height", picture.height_px},     {"box", nullptr}, {"model", model.fingerprint}};
  if (const auto& box = embedding.box_px) {
    object["box"] = {box->x0, box->y0, box->x1, box->y1};
    object["box_score"] = rounded(embedding.box_score);
  }
  object["categories"] = Json::array();
  if (embedding.category_probabilities.size() == model.categories.size()) {
    constexpr std::size_t kMaxCategories = 5;
    const std::vector<double> probabilities(embedding.category_probabilities.begin(),
                                            embedding.category_probabilities.end());
    for (const CategoryScore& category : best_categories(probabilities, model.categories, kMaxCategories)) {
      object["categories"].push_back(
          {{"name", category.name}, {"probability", rounded(category.probability)}});
    }
  }
  if (fields == EmbeddingFields::kAll) object["code"] = hex(embedding.code);
  std::string line = object.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (fields == EmbeddingFields::kAll) {
    line.pop_back();
    line += ",\"feature\":" + float_array(embedding.feature) + "}";
  }
  return line;
}

}  // namespace vitrine::tools
