// SPDX-License-Identifier: MIT
#pragma once
/// The memory to run a graph in.
#include <cstdint>
#include <functional>
#include <oneapi/dnnl/dnnl.hpp>
#include <span>
#include <unordered_map>
#include <vector>

#include "network/onednn_graph.h"
#include "network/onednn_runtime.h"

namespace vitrine::network {

/// Serves one run at a time; the graph must outlive it.
class ExecutionContext {
 public:
  /// Called after each convolution with its index in table order and its output as stored, padding included.
  using Observer = std::function<void(std::size_t convolution_index, std::span<const float> output)>;

  explicit ExecutionContext(const Graph& graph);

  /// Runs the network on a picture of its input size, 8-bit RGB `[height, width, 3]`. The result, the
  /// graph's output, is valid until the next call. Observers need single precision.
  std::span<const float> run(std::span<const std::uint8_t> pixels, const Observer& observer = {});

 private:
  void set_input(std::span<const std::uint8_t> pixels);
  void* data(std::size_t buffer) const { return buffers_[buffer].data(); }

  const Graph& graph_;
  std::vector<AlignedBuffer> buffers_;
  AlignedBuffer scratchpad_;
  std::vector<std::unordered_map<int, dnnl::memory>> arguments_;  ///< one per step
  dnnl::stream stream_;
};

}  // namespace vitrine::network
