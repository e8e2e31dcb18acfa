// SPDX-License-Identifier: MIT
#pragma once
/// A stack of convolutions as a list of oneDNN primitives for one picture at a time: larger batches are no
/// faster (their activations leave the cache), and a picture's feature never depends on its neighbours.
#include <cstddef>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "network/model_file.h"

namespace vitrine::network {

/// A tensor between two steps.
struct Activation {
  std::size_t buffer = 0;  ///< which of the context's buffers holds it
  dnnl::memory::desc desc;
  float scale = 1;  ///< of quantised values; 1 otherwise
};

struct Step {
  dnnl::primitive primitive;
  dnnl::memory::desc scratchpad;
  std::vector<Activation> sources;  ///< several are joined, otherwise there is one
  Activation destination;
  dnnl::memory weights;  ///< empty for pooling and joining
  dnnl::memory bias;     ///< empty for pooling and joining
  std::optional<std::size_t> convolution_index;
};

/// Immutable once built.
class Graph {
 public:
  /// What comes out. Both choose kernels, which oneDNN compiles here, and copy the weights into their
  /// layouts; `precision` is not kAuto.
  /// Of features: the average over the last map, through the linear layer if there is one, `[1, dim]` float.
  static Graph of_features(const ConvolutionStack& stack, const std::optional<LinearParameters>& embedding,
                           Precision precision);
  /// Of a map: the last map itself, `[height, width, channels]` float.
  static Graph of_map(const ConvolutionStack& stack, Precision precision);

  Precision precision() const { return precision_; }
  const std::vector<Step>& steps() const { return steps_; }
  const Activation& input() const { return steps_.front().sources.front(); }  ///< `[height, width, 3]`
  const Activation& output() const { return steps_.back().destination; }

 private:
  Graph(Precision precision, std::vector<Step> steps) : precision_(precision), steps_(std::move(steps)) {}

  Precision precision_;
  std::vector<Step> steps_;
};

}  // namespace vitrine::network
