// SPDX-License-Identifier: MIT
#include "network/onednn_graph.h"

#include <numeric>
#include <span>

#include "network/onednn_runtime.h"
#include "network/onednn_weights.h"
#include "network/preprocess.h"
#include "network/quantization.h"

namespace vitrine::network {
namespace {

using dnnl::memory;

/// Adds the table's layers one after the other.
class GraphBuilder {
 public:
  GraphBuilder(const ConvolutionStack& stack, Precision precision)
      : stack_(stack), weights_(stack, precision), precision_(precision) {}

  std::vector<Step> features(const std::optional<LinearParameters>& embedding) {
    add_blocks(memory::format_tag::any);
    add_average();
    if (embedding) add_linear(*embedding);
    return std::move(steps_);
  }

  std::vector<Step> map() {
    add_blocks(memory::format_tag::nhwc);
    return std::move(steps_);
  }

 private:
  bool quantized() const { return precision_ == Precision::kInt8; }

  void add_blocks(memory::format_tag output_layout) {
    output_layout_ = output_layout;
    current_ = {
        Buffer::kFiltered,
        {{1, 3, stack_.input_px, stack_.input_px}, element_type(precision_), memory::format_tag::nhwc},
        quantized() ? kInt8InputScale : 1.0F};
    for (const BlockSpec& block : *stack_.blocks) add_block(block);
  }

  /// The last convolution of a block writes to the trunk: with a residual onto the block's input, which is
  /// then the sum, without one over it, for nothing needs it any more.
  void add_block(const BlockSpec& block) {
    const Activation block_input = current_;
    for (std::size_t i = 0; i < block.convolutions.size(); ++i) {
      const ConvolutionSpec& spec = block.convolutions[i];
      const bool last = i + 1 == block.convolutions.size();
      Buffer destination = last && !is_output(spec) ? Buffer::kTrunk : Buffer::kExpanded;
      // Filters read what was expanded, and so may the output.
      if (spec.groups > 1 || current_.buffer == destination) destination = Buffer::kFiltered;
      add_convolution(spec, destination, last && block.residual ? &block_input : nullptr);
    }
  }

  void add_convolution(const ConvolutionSpec& spec, Buffer buffer, const Activation* residual) {
    const std::size_t index = next_convolution_++;
    const Activation destination{buffer, destination_desc(spec, residual), destination_scale(spec, index)};
    const memory::desc bias_desc({spec.out_channels}, memory::data_type::f32, memory::format_tag::x);
    // "SAME" padding: see ConvolutionSpec.
    const memory::dim before = spec.kernel_px == 3 && spec.stride_px == 1 ? 1 : 0;
    const memory::dim after = spec.kernel_px == 3 ? 1 : 0;
    const dnnl::convolution_forward::desc description(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, current_.desc,
        weights_.convolution_desc(index), bias_desc, destination.desc, {spec.stride_px, spec.stride_px},
        {before, before}, {after, after});
    const dnnl::convolution_forward::primitive_desc kernel(
        description, convolution_attributes(spec, index, destination, residual), cpu_engine());
    Step step{dnnl::convolution_forward(kernel),
              kernel.scratchpad_desc(),
              current_,
              {buffer, kernel.dst_desc(), destination.scale},
              weights_.convolution(index, kernel.weights_desc()),
              WeightMaker::vector(convolution_bias(spec, index)),
              index};
    add(std::move(step));
  }

  /// The residual fixes the layout, because the sum is written in place; otherwise oneDNN chooses.
  memory::desc destination_desc(const ConvolutionSpec& spec, const Activation* residual) const {
    if (residual != nullptr) return residual->desc;
    const memory::dim size_px = current_.desc.dims()[2] / spec.stride_px;
    memory::data_type type = element_type(precision_);
    if (quantized() && spec.relu6) type = memory::data_type::u8;
    if (is_output(spec)) {
      // What is averaged or decoded next is worth full precision.
      return {{1, spec.out_channels, size_px, size_px}, memory::data_type::f32, output_layout_};
    }
    return {{1, spec.out_channels, size_px, size_px}, type, memory::format_tag::any};
  }

  float destination_scale(const ConvolutionSpec& spec, std::size_t index) const {
    if (!quantized() || is_output(spec)) return 1;
    return activation_scale(spec.relu6, stack_.activation_absmax[index]);
  }

  dnnl::primitive_attr convolution_attributes(const ConvolutionSpec& spec, std::size_t index,
                                              const Activation& destination,
                                              const Activation* residual) const {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (quantized()) {
      std::vector<float> scales = weights_.convolution_scales(index);
      for (float& scale : scales) scale *= current_.scale / destination.scale;
      attributes.set_output_scales(1 << 1, scales);  // one per channel
    }
    dnnl::post_ops post_ops;
    if (residual != nullptr) post_ops.append_sum(residual->scale / destination.scale);
    // Quantised, unsigned saturation clips.
    if (spec.relu6 && (!quantized() || is_output(spec))) {
      post_ops.append_eltwise(1.0F, dnnl::algorithm::eltwise_clip, 0.0F, 6.0F);
    }
    attributes.set_post_ops(post_ops);
    return attributes;
  }

  /// oneDNN adds the bias to the integer sum, before scaling.
  std::vector<float> convolution_bias(const ConvolutionSpec& spec, std::size_t index) const {
    std::vector<float> bias = stack_.convolutions[index].bias;
    if (!quantized()) return bias;
    const std::vector<float> scales = weights_.convolution_scales(index);
    for (std::size_t channel = 0; channel < bias.size(); ++channel) {
      bias[channel] /= scales[channel] * current_.scale;
    }
    if (index > 0) return bias;
    // The input's offset. Padding is 0 without it, so edges are off by half a step of the input.
    const std::vector<float> weights = stack_.convolutions[index].weight.values();
    const std::size_t per_channel = weights.size() / static_cast<std::size_t>(spec.out_channels);
    for (std::size_t channel = 0; channel < bias.size(); ++channel) {
      const auto row = std::span(weights).subspan(channel * per_channel, per_channel);
      bias[channel] += kInt8InputOffset * std::accumulate(row.begin(), row.end(), 0.0F) / scales[channel];
    }
    return bias;
  }

  void add_average() {
    const memory::dims dims = current_.desc.dims();
    const memory::desc average({dims[0], dims[1], 1, 1}, memory::data_type::f32, memory::format_tag::any);
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const dnnl::pooling_forward::desc description(dnnl::prop_kind::forward_inference,
                                                  dnnl::algorithm::pooling_avg_exclude_padding, current_.desc,
                                                  average, {1, 1}, {dims[2], dims[3]}, {0, 0}, {0, 0});
    const dnnl::pooling_forward::primitive_desc kernel(description, attributes, cpu_engine());
    add({dnnl::pooling_forward(kernel),
         kernel.scratchpad_desc(),
         current_,
         {Buffer::kFiltered, kernel.dst_desc()},
         {},
         {},
         {}});
    // At 1 x 1 pixel every layout that oneDNN uses, blocked by a divisor of 1280 or not, is plain rows.
    current_.desc = {{dims[0], dims[1]}, memory::data_type::f32, memory::format_tag::nc};
  }

  void add_linear(const LinearParameters& layer) {
    const auto dim = static_cast<memory::dim>(layer.bias.size());
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const dnnl::inner_product_forward::desc description(
        dnnl::prop_kind::forward_inference, current_.desc, WeightMaker::linear_desc(layer),
        {{dim}, memory::data_type::f32, memory::format_tag::x},
        {{1, dim}, memory::data_type::f32, memory::format_tag::nc});
    const dnnl::inner_product_forward::primitive_desc kernel(description, attributes, cpu_engine());
    add({dnnl::inner_product_forward(kernel),
         kernel.scratchpad_desc(),
         current_,
         {Buffer::kTrunk, kernel.dst_desc()},
         WeightMaker::linear(layer, kernel.weights_desc()),
         WeightMaker::vector(layer.bias),
         {}});
  }

  bool is_output(const ConvolutionSpec& spec) const { return &spec == stack_.convolutions.back().spec; }

  void add(Step step) {
    current_ = step.destination;
    steps_.push_back(std::move(step));
  }

  const ConvolutionStack& stack_;
  const WeightMaker weights_;
  const Precision precision_;
  std::vector<Step> steps_;
  Activation current_;
  std::size_t next_convolution_ = 0;
  memory::format_tag output_layout_ = memory::format_tag::any;
};

}  // namespace

Graph Graph::of_features(const ConvolutionStack& stack, const std::optional<LinearParameters>& embedding,
                         Precision precision) {
  return Graph(precision, GraphBuilder(stack, precision).features(embedding));
}

Graph Graph::of_map(const ConvolutionStack& stack, Precision precision) {
  return Graph(precision, GraphBuilder(stack, precision).map());
}

}  // namespace vitrine::network
