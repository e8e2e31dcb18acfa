// SPDX-License-Identifier: MIT
#pragma once
/// Weights in the layouts that oneDNN's kernels ask for. Batch sizes that want the same layout share one
/// copy.
#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <vector>

#include "network/model_file.h"
#include "network/quantization.h"

namespace vitrine::network {

/// Element types of a precision.
dnnl::memory::data_type element_type(Precision precision);

/// Makes the weights of one stack; needed only while its graph is built.
class WeightMaker {
 public:
  /// `stack` must outlive this object; `precision` is not kAuto.
  WeightMaker(const ConvolutionStack& stack, Precision precision) : stack_(stack), precision_(precision) {}

  /// Layout open.
  dnnl::memory::desc convolution_desc(std::size_t convolution_index) const;
  dnnl::memory convolution(std::size_t convolution_index, const dnnl::memory::desc& layout) const;

  /// `[out_channels]`; all 1 unless the precision is kInt8.
  std::vector<float> convolution_scales(std::size_t convolution_index) const;

  /// A linear layer on the averages of the last map; layout open.
  static dnnl::memory::desc linear_desc(const LinearParameters& layer);
  static dnnl::memory linear(const LinearParameters& layer, const dnnl::memory::desc& layout);

  /// Single-precision vector on oneDNN's side.
  static dnnl::memory vector(const std::vector<float>& values);

 private:
  QuantizedWeights quantized(std::size_t convolution_index) const;

  const ConvolutionStack& stack_;
  Precision precision_;
};

}  // namespace vitrine::network
