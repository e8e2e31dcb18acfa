// SPDX-License-Identifier: MIT
#include "network/onednn_weights.h"

#include <algorithm>

#include "network/onednn_runtime.h"

namespace vitrine::network {

using dnnl::memory;

namespace {

memory::dims weight_dims(const ConvolutionSpec& spec) {
  if (spec.groups == 1) return {spec.out_channels, spec.in_channels, spec.kernel_px, spec.kernel_px};
  return {spec.groups, spec.out_channels / spec.groups, spec.in_channels / spec.groups, spec.kernel_px,
          spec.kernel_px};
}

memory::format_tag plain_tag(const ConvolutionSpec& spec) {
  return spec.groups == 1 ? memory::format_tag::oihw : memory::format_tag::goihw;
}

memory reordered(const memory::desc& plain, const void* values, const memory::desc& layout) {
  memory copy(layout, cpu_engine());
  // oneDNN takes a pointer to non-const, but only reads from a reorder's source.
  memory source(plain, cpu_engine(), const_cast<void*>(values));
  dnnl::stream stream(cpu_engine());
  dnnl::reorder(source, copy).execute(stream, source, copy);
  stream.wait();
  return copy;
}

}  // namespace

memory::data_type element_type(Precision precision) {
  if (precision == Precision::kBfloat16) return memory::data_type::bf16;
  return precision == Precision::kInt8 ? memory::data_type::s8 : memory::data_type::f32;
}

memory::desc WeightMaker::convolution_desc(std::size_t convolution_index) const {
  return {weight_dims(*stack_.convolutions[convolution_index].spec), element_type(precision_),
          memory::format_tag::any};
}

memory WeightMaker::convolution(std::size_t convolution_index, const memory::desc& layout) const {
  const ConvolutionSpec& spec = *stack_.convolutions[convolution_index].spec;
  if (precision_ == Precision::kInt8) {
    const QuantizedWeights weights = quantized(convolution_index);
    return reordered({weight_dims(spec), memory::data_type::s8, plain_tag(spec)}, weights.values.data(),
                     layout);
  }
  const std::vector<float> weights = stack_.convolutions[convolution_index].weight.values();
  return reordered({weight_dims(spec), memory::data_type::f32, plain_tag(spec)}, weights.data(), layout);
}

std::vector<float> WeightMaker::convolution_scales(std::size_t convolution_index) const {
  if (precision_ == Precision::kInt8) return quantized(convolution_index).scales;
  return std::vector<float>(stack_.convolutions[convolution_index].bias.size(), 1.0F);
}

memory::desc WeightMaker::linear_desc(const LinearParameters& layer) {
  const auto rows = static_cast<memory::dim>(layer.bias.size());
  return {{rows, static_cast<memory::dim>(layer.weight.size()) / rows},
          memory::data_type::f32,
          memory::format_tag::any};
}

memory WeightMaker::linear(const LinearParameters& layer, const memory::desc& layout) {
  return reordered({layout.dims(), memory::data_type::f32, memory::format_tag::oi}, layer.weight.data(),
                   layout);
}

memory WeightMaker::vector(const std::vector<float>& values) {
  memory copy({{static_cast<memory::dim>(values.size())}, memory::data_type::f32, memory::format_tag::x},
              cpu_engine());
  std::copy(values.begin(), values.end(), static_cast<float*>(copy.get_data_handle()));
  return copy;
}

QuantizedWeights WeightMaker::quantized(std::size_t convolution_index) const {
  return quantize_per_channel(stack_.convolutions[convolution_index].weight.values(),
                              stack_.convolutions[convolution_index].spec->out_channels);
}

}  // namespace vitrine::network
