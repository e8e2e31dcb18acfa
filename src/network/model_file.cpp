// SPDX-License-Identifier: MIT
#include "network/model_file.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "network/fingerprint.h"
#include "network/safetensors.h"
#include "vitrine/error.h"

namespace vitrine::network {
namespace {

constexpr std::string_view kFormatFamily = "vitrine-model/";
constexpr int kMinInputPx = 32;
constexpr int kMaxInputPx = 1024;
constexpr int kMaxFeatureDim = 4096;
constexpr double kMinCenterView = 0.1;

[[noreturn]] void refuse(ErrorCode code, const SafetensorsFile& file, const std::string& finding) {
  throw Error(code, "cannot use model '" + file.path().string() + "': " + finding);
}

void check_format(const SafetensorsFile& file) {
  const auto found = file.metadata().find("format");
  const std::string format = found == file.metadata().end() ? "" : found->second;
  if (format != kModelFormat) {
    if (format.starts_with(kFormatFamily)) {
      refuse(ErrorCode::kUnsupported, file,
             "its format is '" + format + "', this version reads '" + kModelFormat +
                 "'; install a newer version");
    }
    refuse(ErrorCode::kCorrupt, file,
           "its metadata 'format' is '" + format + "', expected '" + kModelFormat +
               "'; weights of other programs must be turned into a model by the trainer first");
  }
}

const Backbone& read_backbone(const SafetensorsFile& file) {
  const std::string& architecture = file.required_metadata("architecture");
  const Backbone* backbone = find_backbone(architecture);
  if (backbone == nullptr) {
    refuse(ErrorCode::kCorrupt, file,
           "its architecture is '" + architecture + "', this version knows " + known_architectures());
  }
  return *backbone;
}

int read_number(const SafetensorsFile& file, const std::string& key, int smallest, int largest, int divisor) {
  const std::string& text = file.required_metadata(key);
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < smallest || value > largest || value % divisor != 0) {
    refuse(ErrorCode::kCorrupt, file,
           "metadata '" + key + "' is '" + text + "', expected a multiple of " + std::to_string(divisor) +
               " from " + std::to_string(smallest) + " to " + std::to_string(largest) +
               "; train or export it again");
  }
  return value;
}

std::vector<std::string> read_categories(const SafetensorsFile& file) {
  const auto found = file.metadata().find("categories");
  if (found == file.metadata().end()) return {};
  const auto parsed = nlohmann::json::parse(found->second, nullptr, false);
  const auto is_string = [](const nlohmann::json& name) { return name.is_string(); };
  if (!parsed.is_array() || !std::all_of(parsed.begin(), parsed.end(), is_string)) {
    refuse(ErrorCode::kCorrupt, file,
           "metadata 'categories' is not a JSON array of strings; train or export it again");
  }
  auto categories = parsed.get<std::vector<std::string>>();
  std::set<std::string_view> distinct(categories.begin(), categories.end());
  if (distinct.size() != categories.size()) {
    refuse(ErrorCode::kCorrupt, file, "metadata 'categories' holds a name twice; train or export it again");
  }
  return categories;
}

std::optional<LinearParameters> read_linear(const SafetensorsFile& file, const std::string& name,
                                            std::size_t rows, std::size_t columns) {
  if (!file.contains(name + ".weight") && !file.contains(name + ".bias")) return std::nullopt;
  const auto num_rows = static_cast<std::int64_t>(rows);
  const std::int64_t weight_shape[] = {num_rows, static_cast<std::int64_t>(columns)};
  return LinearParameters{file.floats(name + ".weight", weight_shape),
                          file.floats(name + ".bias", std::span(&num_rows, 1))};
}

double read_share(const SafetensorsFile& file, const std::string& key) {
  const std::string& text = file.required_metadata(key);
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !(value >= 0 && value <= 1)) {
    refuse(
        ErrorCode::kCorrupt, file,
        "metadata '" + key + "' is '" + text + "', expected a number from 0 to 1; train or export it again");
  }
  return value;
}

std::optional<Detector> read_detector(const SafetensorsFile& file) {
  if (!file.metadata().contains("detector_input_px")) return std::nullopt;
  const int input_px = read_number(file, "detector_input_px", kMinInputPx, kMaxInputPx, kDetectorStridePx);
  return Detector{read_stack(file, detector_blocks(), input_px), read_share(file, "detector_margin")};
}

std::vector<float> read_absmax(const SafetensorsFile& file, std::size_t num_convolutions) {
  if (!file.contains(kAbsmaxTensor)) return {};
  const std::int64_t shape[] = {static_cast<std::int64_t>(num_convolutions)};
  std::vector<float> absmax = file.floats(kAbsmaxTensor, shape);
  const auto bad = std::find_if(absmax.begin(), absmax.end(), [](float range) { return range < 0; });
  if (bad != absmax.end()) {
    refuse(ErrorCode::kCorrupt, file,
           std::string("tensor '") + kAbsmaxTensor + "': value " + std::to_string(bad - absmax.begin()) +
               " is " + std::to_string(*bad) + ", expected 0 or more; calibrate it again");
  }
  return absmax;
}

double read_center_view(const SafetensorsFile& file) {
  if (!file.metadata().contains(kCenterViewKey)) return 0;
  const double share = read_share(file, kCenterViewKey);
  if (share > 0 && share < kMinCenterView) {
    refuse(ErrorCode::kCorrupt, file,
           "metadata 'center_view' is " + file.required_metadata(kCenterViewKey) +
               ", expected 0 or at least 0.1; train or export it again");
  }
  return share;
}

void check_heads(const SafetensorsFile& file, const Model& model, std::size_t num_averages) {
  if (!model.embedding && model.info.feature_dim != num_averages) {
    refuse(ErrorCode::kCorrupt, file,
           "tensor 'embedding.weight' is missing: without it feature_dim must be " +
               std::to_string(num_averages) + ", found " + std::to_string(model.info.feature_dim));
  }
  if (!model.category && !model.info.categories.empty()) {
    refuse(ErrorCode::kCorrupt, file,
           "metadata 'categories' names " + std::to_string(model.info.categories.size()) +
               " categories, but tensor 'category.weight' is missing; train or export it again");
  }
}

}  // namespace

ConvolutionStack read_stack(const SafetensorsFile& file, const std::vector<BlockSpec>& blocks, int input_px) {
  ConvolutionStack stack{&blocks, input_px, {}, {}};
  for (const ConvolutionSpec* spec : convolutions_of(blocks)) {
    const std::int64_t weight_shape[] = {spec->out_channels, spec->in_channels / spec->groups,
                                         spec->kernel_px, spec->kernel_px};
    stack.convolutions.push_back({spec, file.mapped_floats(spec->name + ".weight", weight_shape),
                                  file.floats(spec->name + ".bias", std::span(weight_shape, 1))});
  }
  return stack;
}

Model read_model(const std::filesystem::path& path) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  check_format(file);
  const Backbone& backbone = read_backbone(file);
  const auto num_averages = static_cast<std::size_t>(backbone.num_features);
  Model model;
  ModelInfo& info = model.info;
  info.name = file.required_metadata("name");
  info.fingerprint = model_fingerprint(file);
  info.input_px = read_number(file, "input_px", kMinInputPx, kMaxInputPx, 32);
  // Sign codes come in whole 64-bit words.
  info.feature_dim = static_cast<std::size_t>(read_number(file, "feature_dim", 64, kMaxFeatureDim, 64));
  info.code_bits = info.feature_dim;
  info.categories = read_categories(file);
  model.backbone = read_stack(file, backbone.blocks, info.input_px);
  model.backbone.activation_absmax = read_absmax(file, model.backbone.convolutions.size());
  model.detector = read_detector(file);
  info.detects = model.detector.has_value();
  if (info.detects && file.metadata().contains(kMinBoxScoreKey))
    info.min_box_score = read_share(file, kMinBoxScoreKey);
  info.center_view = read_center_view(file);
  model.embedding = read_linear(file, "embedding", info.feature_dim, num_averages);
  model.category = read_linear(file, "category", info.categories.size(), info.feature_dim);
  check_heads(file, model, num_averages);
  return model;
}

}  // namespace vitrine::network
