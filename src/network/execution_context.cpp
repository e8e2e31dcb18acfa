// SPDX-License-Identifier: MIT
#include "network/execution_context.h"

#include <algorithm>

#include "network/preprocess.h"

namespace vitrine::network {
namespace {

std::vector<AlignedBuffer> make_buffers(const Graph& graph) {
  std::vector<std::size_t> sizes_bytes;
  const auto need = [&](const Activation& activation) {
    sizes_bytes.resize(std::max(sizes_bytes.size(), activation.buffer + 1), 0);
    std::size_t& size = sizes_bytes[activation.buffer];
    size = std::max(size, activation.desc.get_size());
  };
  for (const Step& step : graph.steps()) {
    for (const Activation& source : step.sources) need(source);
    need(step.destination);
  }
  std::vector<AlignedBuffer> buffers;
  buffers.reserve(sizes_bytes.size());
  for (const std::size_t size : sizes_bytes) buffers.emplace_back(size);
  return buffers;
}

AlignedBuffer make_scratchpad(const Graph& graph) {
  std::size_t size_bytes = 0;
  for (const Step& step : graph.steps()) size_bytes = std::max(size_bytes, step.scratchpad.get_size());
  return AlignedBuffer(size_bytes);
}

}  // namespace

ExecutionContext::ExecutionContext(const Graph& graph)
    : graph_(graph),
      buffers_(make_buffers(graph)),
      scratchpad_(make_scratchpad(graph)),
      stream_(cpu_engine()) {
  const auto memory_at = [this](const Activation& activation) {
    return dnnl::memory(activation.desc, cpu_engine(), data(activation.buffer));
  };
  for (const Step& step : graph.steps()) {
    auto& arguments = arguments_.emplace_back();
    const bool joins = step.sources.size() > 1;
    for (std::size_t i = 0; i < step.sources.size(); ++i) {
      const int argument = joins ? DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i) : DNNL_ARG_SRC;
      arguments.emplace(argument, memory_at(step.sources[i]));
    }
    arguments.emplace(DNNL_ARG_DST, memory_at(step.destination));
    arguments.emplace(DNNL_ARG_SCRATCHPAD, dnnl::memory(step.scratchpad, cpu_engine(), scratchpad_.data()));
    if (!step.weights) continue;
    arguments.emplace(DNNL_ARG_WEIGHTS, step.weights);
    arguments.emplace(DNNL_ARG_BIAS, step.bias);
  }
}

void ExecutionContext::set_input(std::span<const std::uint8_t> pixels) {
  void* input = data(graph_.input().buffer);
  switch (graph_.precision()) {
    case Precision::kInt8:
      return normalize_to_int8(pixels, static_cast<std::int8_t*>(input));
    case Precision::kBfloat16:
      return normalize_to_bfloat16(pixels, static_cast<std::uint16_t*>(input));
    default:
      return normalize_to_float32(pixels, static_cast<float*>(input));
  }
}

std::span<const float> ExecutionContext::run(std::span<const std::uint8_t> pixels, const Observer& observer) {
  set_input(pixels);
  for (std::size_t i = 0; i < arguments_.size(); ++i) {
    const Step& step = graph_.steps()[i];
    step.primitive.execute(stream_, arguments_[i]);
    if (!observer || !step.convolution_index) continue;
    stream_.wait();
    const auto* output = static_cast<const float*>(data(step.destination.buffer));
    observer(*step.convolution_index, {output, step.destination.desc.get_size() / sizeof(float)});
  }
  stream_.wait();
  const Activation& output = graph_.output();
  return {static_cast<const float*>(data(output.buffer)), output.desc.get_size() / sizeof(float)};
}

}  // namespace vitrine::network
