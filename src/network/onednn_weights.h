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

/// Makes the weights of one network; needed only while its graph is built.
class WeightMaker {
 public:
  /// `model` must outlive this object; `precision` is not kAuto.
  WeightMaker(const Model& model, Precision precision) : model_(model), precision_(precision) {}

  /// Layout open.
  dnnl::memory::desc convolution_desc(std::size_t convolution_index) const;
  dnnl::memory convolution(std::size_t convolution_index, const dnnl::memory::desc& layout) const;

  /// `[out_channels]`; all 1 unless the precision is kInt8.
  std::vector<float> convolution_scales(std::size_t convolution_index) const;

  /// The model's embedding layer, which it must have; layout open.
  dnnl::memory::desc embedding_desc() const;
  dnnl::memory embedding(const dnnl::memory::desc& layout) const;

  /// Single-precision vector on oneDNN's side.
  static dnnl::memory vector(const std::vector<float>& values);

 private:
  QuantizedWeights quantized(std::size_t convolution_index) const;

  const Model& model_;
  Precision precision_;
};

}  // namespace vitrine::network
