// SPDX-License-Identifier: MIT
#include "network/reference_network.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "network/backbone.h"
#include "network/detector.h"
#include "network/safetensors.h"

namespace vitrine::test {
namespace {

using network::ConvolutionSpec;
using network::SafetensorsFile;

/// Channel by channel, row by row.
struct Planes {
  int channels = 0;
  int size_px = 0;
  std::vector<double> values;

  double at(int channel, int y, int x) const {
    return values[(static_cast<std::size_t>(channel) * static_cast<std::size_t>(size_px) +
                   static_cast<std::size_t>(y)) *
                      static_cast<std::size_t>(size_px) +
                  static_cast<std::size_t>(x)];
  }
};

std::vector<float> values_of(const SafetensorsFile& file, const std::string& name) {
  return file.floats(name, file.tensors().at(name).shape);
}

/// TensorFlow's rule for "SAME": the smaller half of the padding comes first.
int padding_before(int kernel_px, int stride_px, int size_px) {
  const int outputs = (size_px + stride_px - 1) / stride_px;
  return std::max((outputs - 1) * stride_px + kernel_px - size_px, 0) / 2;
}

double weighted_sum(const ConvolutionSpec& spec, const Planes& input, const std::vector<float>& weights,
                    int out, int top, int left) {
  const int per_group = spec.in_channels / spec.groups;
  const int first = out / (spec.out_channels / spec.groups) * per_group;
  double sum = 0;
  std::size_t next = static_cast<std::size_t>(out * per_group * spec.kernel_px * spec.kernel_px);
  for (int channel = first; channel < first + per_group; ++channel) {
    for (int y = top; y < top + spec.kernel_px; ++y) {
      for (int x = left; x < left + spec.kernel_px; ++x) {
        const double weight = double{weights[next++]};
        if (y < 0 || x < 0 || y >= input.size_px || x >= input.size_px) continue;
        sum += weight * input.at(channel, y, x);
      }
    }
  }
  return sum;
}

double rectified(double value, network::Nonlinearity nonlinearity) {
  if (nonlinearity == network::Nonlinearity::kNone) return value;
  return nonlinearity == network::Nonlinearity::kRelu ? std::max(value, 0.0) : std::clamp(value, 0.0, 6.0);
}

Planes convolve(const SafetensorsFile& file, const ConvolutionSpec& spec, const Planes& input) {
  const auto weights = values_of(file, spec.name + ".weight");
  const auto bias = values_of(file, spec.name + ".bias");
  const int padding = padding_before(spec.kernel_px, spec.stride_px, input.size_px);
  Planes output{spec.out_channels, input.size_px / spec.stride_px, {}};
  for (int out = 0; out < spec.out_channels; ++out) {
    for (int y = 0; y < output.size_px; ++y) {
      for (int x = 0; x < output.size_px; ++x) {
        double value = double{bias[static_cast<std::size_t>(out)]} +
                       weighted_sum(spec, input, weights, out, y * spec.stride_px - padding,
                                    x * spec.stride_px - padding);
        output.values.push_back(rectified(value, spec.nonlinearity));
      }
    }
  }
  return output;
}

Planes max_pool(const Planes& input, int kernel_px, int stride_px) {
  const int padding = padding_before(kernel_px, stride_px, input.size_px);
  Planes output{input.channels, input.size_px / stride_px, {}};
  for (int channel = 0; channel < input.channels; ++channel) {
    for (int y = 0; y < output.size_px; ++y) {
      for (int x = 0; x < output.size_px; ++x) {
        double greatest = -std::numeric_limits<double>::infinity();
        for (int row = y * stride_px - padding; row < y * stride_px - padding + kernel_px; ++row) {
          for (int column = x * stride_px - padding; column < x * stride_px - padding + kernel_px; ++column) {
            if (row < 0 || column < 0 || row >= input.size_px || column >= input.size_px) continue;
            greatest = std::max(greatest, input.at(channel, row, column));
          }
        }
        output.values.push_back(greatest);
      }
    }
  }
  return output;
}

Planes planes_of(const Image& picture) {
  Planes planes{3, picture.width_px(), {}};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::size_t i = channel; i < picture.pixels().size(); i += 3) {
      planes.values.push_back(picture.pixels()[i] / 127.5 - 1);
    }
  }
  return planes;
}

std::vector<double> averages(const Planes& planes) {
  const std::size_t area = planes.values.size() / static_cast<std::size_t>(planes.channels);
  std::vector<double> result(static_cast<std::size_t>(planes.channels));
  for (std::size_t i = 0; i < planes.values.size(); ++i) result[i / area] += planes.values[i] / double(area);
  return result;
}

std::vector<double> linear(const SafetensorsFile& file, const std::string& name,
                           const std::vector<double>& input) {
  const auto weights = values_of(file, name + ".weight");
  const auto bias = values_of(file, name + ".bias");
  std::vector<double> output(bias.begin(), bias.end());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    output[i / input.size()] += double{weights[i]} * input[i % input.size()];
  }
  return output;
}

Planes run_blocks(const SafetensorsFile& file, const std::vector<network::BlockSpec>& blocks,
                  const Image& picture) {
  Planes current = planes_of(picture);
  for (const auto& block : blocks) {
    if (block.halving_pool_px > 0) current = max_pool(current, block.halving_pool_px, 2);
    const Planes block_input = current;
    Planes joined{0, 0, {}};
    for (const auto& branch : block.branches) {
      current = branch.pools ? max_pool(block_input, 3, 1) : block_input;
      for (const auto& spec : branch.convolutions) current = convolve(file, spec, current);
      joined.channels += current.channels;
      joined.size_px = current.size_px;
      joined.values.insert(joined.values.end(), current.values.begin(), current.values.end());
    }
    current = std::move(joined);
    if (!block.residual) continue;
    for (std::size_t i = 0; i < current.values.size(); ++i) current.values[i] += block_input.values[i];
  }
  return current;
}

}  // namespace

ReferenceResult reference_embedding(const std::filesystem::path& model, const Image& picture) {
  const auto file = SafetensorsFile::open(model);
  std::vector<double> feature =
      linear(file, "embedding", averages(run_blocks(file, network::backbone_of(file).blocks, picture)));
  double sum_of_squares = 0;
  for (const double value : feature) sum_of_squares += value * value;
  for (double& value : feature) value /= std::sqrt(sum_of_squares);
  std::vector<double> exponentials = linear(file, "category", feature);
  double sum = 0;
  for (double& value : exponentials) sum += value = std::exp(value);
  ReferenceResult result;
  for (const double value : feature) result.feature.push_back(static_cast<float>(value));
  for (const double value : exponentials) {
    result.category_probabilities.push_back(static_cast<float>(value / sum));
  }
  return result;
}

std::vector<float> reference_detector_map(const std::filesystem::path& model, const Image& picture) {
  const Planes map = run_blocks(SafetensorsFile::open(model), network::detector_blocks(), picture);
  std::vector<float> result;
  for (int y = 0; y < map.size_px; ++y) {
    for (int x = 0; x < map.size_px; ++x) {
      for (int channel = 0; channel < map.channels; ++channel) {
        result.push_back(static_cast<float>(map.at(channel, y, x)));
      }
    }
  }
  return result;
}

}  // namespace vitrine::test
