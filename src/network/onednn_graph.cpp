// SPDX-License-Identifier: MIT
#include "network/onednn_graph.h"

#include <algorithm>
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
        0,
        {{1, 3, stack_.input_px, stack_.input_px}, element_type(precision_), memory::format_tag::nhwc},
        quantized() ? kInt8InputScale : 1.0F};
    for (const BlockSpec& block : *stack_.blocks) add_block(block);
  }

  void add_block(const BlockSpec& block) {
    if (block.halving_pool_px > 0) add_max_pool(block.halving_pool_px, 2, {});
    const Activation input = current_;
    const std::optional<float> joined_scale = common_scale(block);
    std::vector<Activation> outputs;
    for (const BranchSpec& branch : block.branches) {
      const bool last_branch = outputs.size() + 1 == block.branches.size();
      std::vector<Activation> kept = outputs;
      if (!last_branch || block.residual) kept.push_back(input);
      current_ = input;
      if (branch.pools) add_max_pool(3, 1, kept);
      for (const ConvolutionSpec& spec : branch.convolutions) {
        const bool last = &spec == &branch.convolutions.back();
        add_convolution(spec, kept, last && block.residual ? &input : nullptr,
                        last ? joined_scale : std::nullopt);
      }
      outputs.push_back(current_);
    }
    if (outputs.size() > 1) add_join(std::move(outputs));
  }

  /// Outputs that are joined need one scale.
  std::optional<float> common_scale(const BlockSpec& block) const {
    if (!quantized() || block.branches.size() < 2 || is_output(block)) return std::nullopt;
    float scale = 0;
    std::size_t index = next_convolution_;
    for (const BranchSpec& branch : block.branches) {
      index += branch.convolutions.size();
      scale = std::max(scale, activation_scale(branch.convolutions.back().nonlinearity,
                                               stack_.activation_absmax[index - 1]));
    }
    return scale;
  }

  /// The first buffer that holds neither what is read next nor what is needed later. Three are enough for a
  /// chain with residuals.
  std::size_t free_buffer(const std::vector<Activation>& kept) const {
    std::size_t buffer = 0;
    const auto holds = [&](const Activation& activation) { return activation.buffer == buffer; };
    while (holds(current_) || std::any_of(kept.begin(), kept.end(), holds)) ++buffer;
    return buffer;
  }

  /// With a residual the output is added onto it, in its place.
  void add_convolution(const ConvolutionSpec& spec, const std::vector<Activation>& kept,
                       const Activation* residual, std::optional<float> joined_scale) {
    const std::size_t index = next_convolution_++;
    const Activation destination{residual != nullptr ? residual->buffer : free_buffer(kept),
                                 destination_desc(spec, residual),
                                 joined_scale.value_or(destination_scale(spec, index))};
    const memory::desc bias_desc({spec.out_channels}, memory::data_type::f32, memory::format_tag::x);
    const memory::dim before = spec.padding_before_px();
    const memory::dim after = spec.padding_after_px();
    const dnnl::convolution_forward::desc description(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, current_.desc,
        weights_.convolution_desc(index), bias_desc, destination.desc, {spec.stride_px, spec.stride_px},
        {before, before}, {after, after});
    const dnnl::convolution_forward::primitive_desc kernel(
        description, convolution_attributes(spec, index, destination, residual), cpu_engine());
    add({dnnl::convolution_forward(kernel),
         kernel.scratchpad_desc(),
         {current_},
         {destination.buffer, kernel.dst_desc(), destination.scale},
         weights_.convolution(index, kernel.weights_desc()),
         WeightMaker::vector(convolution_bias(spec, index)),
         index});
  }

  /// SAME padding, as of convolutions; what lies beyond the edge does not count.
  void add_max_pool(int kernel_px, int stride_px, const std::vector<Activation>& kept) {
    const memory::dims dims = current_.desc.dims();
    const memory::desc pooled({dims[0], dims[1], dims[2] / stride_px, dims[3] / stride_px},
                              current_.desc.data_type(), memory::format_tag::any);
    const memory::dim before = (kernel_px - stride_px) / 2;
    const memory::dim after = kernel_px - stride_px - before;
    add_pool(dnnl::algorithm::pooling_max, pooled, stride_px, kernel_px, {before, after}, free_buffer(kept));
  }

  void add_pool(dnnl::algorithm algorithm, const memory::desc& pooled, memory::dim stride_px,
                memory::dim kernel_px, std::pair<memory::dim, memory::dim> padding_px, std::size_t buffer) {
    const dnnl::pooling_forward::desc description(
        dnnl::prop_kind::forward_inference, algorithm, current_.desc, pooled, {stride_px, stride_px},
        {kernel_px, kernel_px}, {padding_px.first, padding_px.first}, {padding_px.second, padding_px.second});
    const dnnl::pooling_forward::primitive_desc kernel(description, user_scratchpad(), cpu_engine());
    add({dnnl::pooling_forward(kernel),
         kernel.scratchpad_desc(),
         {current_},
         {buffer, kernel.dst_desc(), current_.scale},
         {},
         {},
         {}});
  }

  void add_join(std::vector<Activation> parts) {
    std::vector<memory::desc> descs;
    descs.reserve(parts.size());
    for (const Activation& part : parts) descs.push_back(part.desc);
    const dnnl::concat::primitive_desc kernel(1, descs, cpu_engine(), user_scratchpad());
    const std::size_t buffer = free_buffer(parts);
    const float scale = parts.front().scale;
    add({dnnl::concat(kernel),
         kernel.scratchpad_desc(),
         std::move(parts),
         {buffer, kernel.dst_desc(), scale},
         {},
         {},
         {}});
  }

  /// The residual fixes the layout, because the sum is written in place; otherwise oneDNN chooses.
  memory::desc destination_desc(const ConvolutionSpec& spec, const Activation* residual) const {
    if (residual != nullptr) return residual->desc;
    const memory::dim size_px = current_.desc.dims()[2] / spec.stride_px;
    memory::data_type type = element_type(precision_);
    if (quantized() && spec.nonlinearity != Nonlinearity::kNone) type = memory::data_type::u8;
    if (is_output(spec)) {
      // What is averaged or decoded next is worth full precision.
      return {{1, spec.out_channels, size_px, size_px}, memory::data_type::f32, output_layout_};
    }
    return {{1, spec.out_channels, size_px, size_px}, type, memory::format_tag::any};
  }

  float destination_scale(const ConvolutionSpec& spec, std::size_t index) const {
    if (!quantized() || is_output(spec)) return 1;
    return activation_scale(spec.nonlinearity, stack_.activation_absmax[index]);
  }

  dnnl::primitive_attr convolution_attributes(const ConvolutionSpec& spec, std::size_t index,
                                              const Activation& destination,
                                              const Activation* residual) const {
    dnnl::primitive_attr attributes = user_scratchpad();
    if (quantized()) {
      std::vector<float> scales = weights_.convolution_scales(index);
      for (float& scale : scales) scale *= current_.scale / destination.scale;
      attributes.set_output_scales(1 << 1, scales);  // one per channel
    }
    dnnl::post_ops post_ops;
    if (residual != nullptr) post_ops.append_sum(residual->scale / destination.scale);
    // Quantised, unsigned saturation clips.
    if (!quantized() || is_output(spec)) {
      if (spec.nonlinearity == Nonlinearity::kRelu6)
        post_ops.append_eltwise(1.0F, dnnl::algorithm::eltwise_clip, 0.0F, 6.0F);
      if (spec.nonlinearity == Nonlinearity::kRelu)
        post_ops.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
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
    add_pool(dnnl::algorithm::pooling_avg_exclude_padding, average, 1, dims[2], {0, 0}, free_buffer({}));
    // At 1 x 1 pixel every layout that oneDNN uses, blocked by 16 channels or not, is plain rows.
    current_.desc = {{dims[0], dims[1]}, memory::data_type::f32, memory::format_tag::nc};
  }

  void add_linear(const LinearParameters& layer) {
    const auto dim = static_cast<memory::dim>(layer.bias.size());
    const dnnl::inner_product_forward::desc description(
        dnnl::prop_kind::forward_inference, current_.desc, WeightMaker::linear_desc(layer),
        {{dim}, memory::data_type::f32, memory::format_tag::x},
        {{1, dim}, memory::data_type::f32, memory::format_tag::nc});
    const dnnl::inner_product_forward::primitive_desc kernel(description, user_scratchpad(), cpu_engine());
    add({dnnl::inner_product_forward(kernel),
         kernel.scratchpad_desc(),
         {current_},
         {free_buffer({}), kernel.dst_desc()},
         WeightMaker::linear(layer, kernel.weights_desc()),
         WeightMaker::vector(layer.bias),
         {}});
  }

  bool is_output(const BlockSpec& block) const { return &block == &stack_.blocks->back(); }
  bool is_output(const ConvolutionSpec& spec) const {
    const auto& branches = stack_.blocks->back().branches;
    return std::any_of(branches.begin(), branches.end(),
                       [&](const BranchSpec& branch) { return &branch.convolutions.back() == &spec; });
  }

  static dnnl::primitive_attr user_scratchpad() {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attributes;
  }

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
