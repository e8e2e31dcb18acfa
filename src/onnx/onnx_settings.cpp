// SPDX-License-Identifier: MIT
#include "onnx/onnx_settings.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/mapped_file.h"
#include "onnx/onnx_file.h"
#include "vitrine/error.h"

namespace vitrine {
namespace onnx {
namespace {

using Json = nlohmann::ordered_json;
using Channels = OnnxSettings::Channels;
using Layout = OnnxSettings::Layout;

constexpr int kMinInputPx = 8;
constexpr int kMaxInputPx = 2048;

class SettingsReader {
 public:
  explicit SettingsReader(const std::string& source) : source_(source) {}

  OnnxSettings read(std::string_view text) {
    const Json object = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) refuse("it is no JSON object");
    for (const auto& [key, value] : object.items()) read_one(key, value);
    return settings_;
  }

 private:
  [[noreturn]] void refuse(const std::string& finding) const {
    throw Error(ErrorCode::kCorrupt, "cannot use the settings in '" + source_ + "': " + finding);
  }

  void read_one(const std::string& key, const Json& value) {
    if (key == "name") {
      settings_.name = text(key, value);
    } else if (key == "output") {
      settings_.output = text(key, value);
    } else if (key == "input_px") {
      const bool fits = value.is_number_integer() && value >= kMinInputPx && value <= kMaxInputPx;
      if (!fits) refuse("'input_px' must be a whole number from 8 to 2048, found " + value.dump());
      settings_.input_px = value.get<int>();
    } else if (key == "mean") {
      settings_.mean = three_numbers(key, value);
    } else if (key == "std") {
      settings_.std = three_numbers(key, value);
      for (const float deviation : settings_.std)
        if (deviation <= 0) refuse("'std' must be above 0, found " + value.dump());
    } else if (key == "channels") {
      settings_.channels = choice(key, value, "rgb", "bgr") == 0 ? Channels::kRgb : Channels::kBgr;
    } else if (key == "layout") {
      settings_.layout = choice(key, value, "nchw", "nhwc") == 0 ? Layout::kNchw : Layout::kNhwc;
    } else {
      refuse("unknown key '" + key + "'; known are name, input_px, mean, std, channels, layout and output");
    }
  }

  std::string text(const std::string& key, const Json& value) const {
    if (!value.is_string()) refuse("'" + key + "' must be a text, found " + value.dump());
    return value.get<std::string>();
  }

  std::array<float, 3> three_numbers(const std::string& key, const Json& value) const {
    std::array<float, 3> numbers{};
    bool good = value.is_array() && value.size() == numbers.size();
    for (std::size_t i = 0; good && i < numbers.size(); ++i) {
      good = value[i].is_number() && std::isfinite(value[i].get<float>());
      if (good) numbers[i] = value[i].get<float>();
    }
    if (!good) refuse("'" + key + "' must be three numbers, found " + value.dump());
    return numbers;
  }

  int choice(const std::string& key, const Json& value, const char* first, const char* second) const {
    if (value == first) return 0;
    if (value == second) return 1;
    refuse("'" + key + "' must be \"" + first + "\" or \"" + second + "\", found " + value.dump());
  }

  const std::string& source_;
  OnnxSettings settings_;
};

}  // namespace

OnnxSettings settings_from_json(std::string_view json, const std::string& source) {
  return SettingsReader(source).read(json);
}

std::string to_json(const OnnxSettings& settings) {
  const Json object = {{"name", settings.name},
                       {"input_px", settings.input_px},
                       {"mean", settings.mean},
                       {"std", settings.std},
                       {"channels", settings.channels == Channels::kRgb ? "rgb" : "bgr"},
                       {"layout", settings.layout == Layout::kNchw ? "nchw" : "nhwc"},
                       {"output", settings.output}};
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace onnx

OnnxSettings read_onnx_settings(const std::filesystem::path& model) {
  const onnx::OnnxFile file(model);
  OnnxSettings settings;
  if (file.settings()) {
    settings = onnx::settings_from_json(*file.settings(), model.string());
  } else {
    std::filesystem::path beside = model;
    beside += ".json";
    std::error_code error;
    if (!std::filesystem::exists(beside, error))
      throw Error(ErrorCode::kNotFound,
                  "an ONNX file does not say what pictures its network expects: write that to '" +
                      beside.string() +
                      R"(', for example {"input_px": 224, "mean": [0.485, 0.456, 0.406], )"
                      R"("std": [0.229, 0.224, 0.225]})");
    const base::MappedFile json(beside);
    settings = onnx::settings_from_json(
        {reinterpret_cast<const char*>(json.bytes().data()), json.bytes().size()}, beside.string());
  }
  if (settings.name.empty()) settings.name = model.stem().string();
  return settings;
}

}  // namespace vitrine
