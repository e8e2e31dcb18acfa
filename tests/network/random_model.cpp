// SPDX-License-Identifier: MIT
#include "network/random_model.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "network/calibration.h"
#include "network/detector.h"
#include "network/model_file.h"
#include "temporary_folder.h"

namespace vitrine::test {
namespace {

class RandomValues {
 public:
  /// Uniform with this standard deviation.
  std::vector<float> operator()(std::int64_t count, float deviation) {
    const float limit = deviation * std::sqrt(3.0F);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = (static_cast<float>(random_()) / 2147483648.0F - 1.0F) * limit;
    return values;
  }

 private:
  std::mt19937 random_{7};
};

void add_convolutions(ModelParts& parts, const std::vector<network::BlockSpec>& blocks,
                      RandomValues& values) {
  for (const network::ConvolutionSpec* spec : network::convolutions_of(blocks)) {
    const std::int64_t fan_in =
        std::int64_t{spec->in_channels / spec->groups} * spec->kernel_px * spec->kernel_px;
    const bool rectified = spec->nonlinearity != network::Nonlinearity::kNone;
    const float deviation = std::sqrt((rectified ? 2.0F : 1.0F) / static_cast<float>(fan_in));
    parts.tensors.push_back(network::float16_tensor(
        spec->name + ".weight",
        {spec->out_channels, spec->in_channels / spec->groups, spec->kernel_px, spec->kernel_px},
        values(spec->out_channels * fan_in, deviation)));
    parts.tensors.push_back(network::float16_tensor(spec->name + ".bias", {spec->out_channels},
                                                    values(spec->out_channels, 0.1F)));
  }
}

}  // namespace

network::NamedTensor& ModelParts::tensor(const std::string& name) {
  return *std::find_if(tensors.begin(), tensors.end(),
                       [&](const auto& tensor) { return tensor.name == name; });
}

void ModelParts::erase(const std::string& name) {
  std::erase_if(tensors, [&](const auto& tensor) { return tensor.name == name; });
}

void ModelParts::write(const std::filesystem::path& path) const {
  network::write_safetensors(path, metadata, tensors);
}

ModelParts random_model(const network::Backbone& backbone) {
  constexpr std::int64_t kDim = 128;
  RandomValues values;
  ModelParts parts;
  parts.metadata = {{"format", network::kModelFormat},
                    {"architecture", backbone.architecture},
                    {"name", "random"},
                    {"input_px", std::to_string(kRandomModelInputPx)},
                    {"feature_dim", std::to_string(kDim)},
                    {"categories", R"(["bag", "shoe", "hat", "cup", "lamp"])"}};
  add_convolutions(parts, backbone.blocks, values);
  constexpr std::int64_t kCategories = 5;
  const auto add_linear = [&](const std::string& name, std::int64_t rows, std::int64_t columns) {
    parts.tensors.push_back(
        network::float32_tensor(name + ".weight", {rows, columns}, values(rows * columns, 1.0F)));
    parts.tensors.push_back(network::float32_tensor(name + ".bias", {rows}, values(rows, 0.5F)));
  };
  add_linear("embedding", kDim, backbone.num_features);
  add_linear("category", kCategories, kDim);
  return parts;
}

ModelParts random_model_with_detector() {
  RandomValues values;
  ModelParts parts = random_model();
  parts.metadata["detector_input_px"] = std::to_string(kRandomDetectorInputPx);
  parts.metadata["detector_margin"] = "0.125";
  add_convolutions(parts, network::detector_blocks(), values);
  return parts;
}

void calibrate(ModelParts& parts, const std::vector<Image>& pictures) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "uncalibrated.safetensors";
  parts.write(path);
  const auto ranges = network::calibrate_activation_ranges(network::read_model(path), pictures);
  parts.tensors.push_back(
      network::float32_tensor(network::kAbsmaxTensor, {static_cast<std::int64_t>(ranges.size())}, ranges));
}

Image random_picture(int width_px, int height_px, unsigned seed) {
  std::mt19937 random(seed);
  const int base[3] = {static_cast<int>(random() % 256), static_cast<int>(random() % 256),
                       static_cast<int>(random() % 256)};
  const int period_px = 3 + static_cast<int>(random() % 20);
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x) {
      const int wave = 60 * ((x / period_px + y / period_px) % 2);
      for (const int channel : base) {
        const int noise = static_cast<int>(random() % 32);
        pixels.push_back(static_cast<std::uint8_t>(std::clamp(channel - wave + noise, 0, 255)));
      }
    }
  }
  return {width_px, height_px, std::move(pixels)};
}

}  // namespace vitrine::test
