// SPDX-License-Identifier: MIT
#include "tools/random_model.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "network/backbone.h"
#include "network/detector.h"
#include "network/model_file.h"
#include "network/safetensors.h"

namespace vitrine::test {
namespace {

class RandomTensors {
 public:
  explicit RandomTensors(std::uint64_t seed) : random_(seed) {}

  // Weights for which a layer keeps the size of its input (He et al., 2015).
  network::NamedTensor make(const std::string& name, const std::vector<std::int64_t>& shape, double fan_in) {
    std::size_t count = 1;
    for (const std::int64_t extent : shape) {
      count *= static_cast<std::size_t>(extent);
    }
    std::normal_distribution<float> normal(0, static_cast<float>(std::sqrt(2 / fan_in)));
    std::vector<float> values(count);
    for (float& value : values) {
      value = normal(random_);
    }
    return network::float16_tensor(name, shape, values);
  }

 private:
  std::mt19937_64 random_;
};

void add_convolutions(const std::vector<network::BlockSpec>& blocks, RandomTensors& random,
                      std::vector<network::NamedTensor>& tensors) {
  for (const network::ConvolutionSpec* layer : network::convolutions_of(blocks)) {
    const double fan_in =
        static_cast<double>(layer->in_channels) / layer->groups * layer->kernel_px * layer->kernel_px;
    tensors.push_back(random.make(
        layer->name + ".weight",
        {layer->out_channels, layer->in_channels / layer->groups, layer->kernel_px, layer->kernel_px},
        fan_in));
    tensors.push_back(random.make(layer->name + ".bias", {layer->out_channels}, 200));
  }
}

}  // namespace

void write_random_model(const std::filesystem::path& path, const std::string& name, std::uint64_t seed,
                        const std::vector<std::string>& categories, bool with_detector) {
  constexpr std::int64_t kDim = 64;
  RandomTensors random(seed);
  std::vector<network::NamedTensor> tensors;
  add_convolutions(network::mobilenet_v2().blocks, random, tensors);
  const auto num_categories = static_cast<std::int64_t>(categories.size());
  tensors.push_back(random.make("embedding.weight", {kDim, network::mobilenet_v2().num_features}, 1));
  tensors.push_back(random.make("embedding.bias", {kDim}, 100));
  if (num_categories > 0) {
    tensors.push_back(random.make("category.weight", {num_categories, kDim}, 1));
    tensors.push_back(random.make("category.bias", {num_categories}, 1));
  }
  std::map<std::string, std::string> metadata = {{"format", network::kModelFormat},
                                                 {"architecture", network::mobilenet_v2().architecture},
                                                 {"name", name},
                                                 {"input_px", "32"},
                                                 {"feature_dim", std::to_string(kDim)},
                                                 {"categories", nlohmann::json(categories).dump()}};
  if (with_detector) {
    add_convolutions(network::detector_blocks(), random, tensors);
    // Cells that speak for boxes about themselves; else most would lie outside of the picture.
    tensors[tensors.size() - 2] = random.make("detector.head.1.weight", {5, 256, 1, 1}, 1e6);
    metadata["detector_input_px"] = "112";
    metadata["detector_margin"] = "0.1";
  }
  network::write_safetensors(path, metadata, tensors);
}

}  // namespace vitrine::test
