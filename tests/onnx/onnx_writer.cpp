// SPDX-License-Identifier: MIT
#include "onnx/onnx_writer.h"

#include <cmath>

namespace vitrine::test {
namespace {

constexpr int kFloat = 1;

Message tensor(const std::string& name, const std::vector<int>& shape, const std::vector<float>& values) {
  Message message;
  for (const int extent : shape) message.number(1, static_cast<std::uint64_t>(extent));
  message.number(2, kFloat);
  message.text(8, name);
  message.text(9, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
  return message;
}

Message value_info(const std::string& name, const std::vector<int>& shape) {
  Message dimensions;
  for (const int extent : shape)
    dimensions.message(1, Message().number(1, static_cast<std::uint64_t>(extent)));
  const Message tensor_type = Message().number(1, kFloat).message(2, dimensions);
  return Message().text(1, name).message(2, Message().message(1, tensor_type));
}

Message integers(const std::string& name, const std::vector<int>& values) {
  Message attribute;
  attribute.text(1, name);
  for (const int value : values) attribute.number(8, static_cast<std::uint64_t>(value));
  return attribute.number(20, 7);  // INTS
}

Message node(const std::string& type, const std::vector<std::string>& inputs, const std::string& output,
             const std::vector<Message>& attributes = {}) {
  Message message;
  for (const std::string& input : inputs) message.text(1, input);
  message.text(2, output).text(3, output + " node").text(4, type);
  for (const Message& attribute : attributes) message.message(5, attribute);
  return message;
}

}  // namespace

Message& Message::number(std::uint64_t field, std::uint64_t value) {
  varint(field << 3);
  varint(value);
  return *this;
}

Message& Message::text(std::uint64_t field, std::string_view content) {
  varint(field << 3 | 2);
  varint(content.size());
  bytes_ += content;
  return *this;
}

void Message::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
  bytes_ += static_cast<char>(value);
}

std::string tiny_onnx(const TinyNetwork& network) {
  const int dim = static_cast<int>(network.bias.size());
  const int side = network.side_px;
  Message graph;
  std::string planes = "input";
  if (network.channels_last) {
    planes = "planes";
    graph.message(1, node("Transpose", {"input"}, planes, {integers("perm", {0, 3, 1, 2})}));
  }
  graph.message(1, node("Conv", {planes, "weight", "bias"}, "map", {integers("kernel_shape", {1, 1})}));
  if (network.pooled) {
    graph.message(1, node("GlobalAveragePool", {"map"}, "pooled"));
    graph.message(1, node("Flatten", {"pooled"}, "output"));
  }
  graph.text(2, "tiny");
  graph.message(5, tensor("weight", {dim, 3, 1, 1}, network.weight));
  graph.message(5, tensor("bias", {dim}, network.bias));
  graph.message(11, value_info("input", network.channels_last ? std::vector{1, side, side, 3}
                                                              : std::vector{1, 3, side, side}));
  graph.message(12,
                network.pooled ? value_info("output", {1, dim}) : value_info("map", {1, dim, side, side}));
  const Message opset = Message().text(1, "").number(2, 11);
  return Message().number(1, 6).text(2, "vitrine test").message(7, graph).message(8, opset).bytes();
}

TinyNetwork tiny_network(int dim) {
  TinyNetwork network;
  for (int i = 0; i < dim; ++i) {
    for (int c = 0; c < 3; ++c) network.weight.push_back(std::sin(static_cast<float>(3 * i + c)));
    network.bias.push_back(0.25F * std::cos(static_cast<float>(i)));
  }
  return network;
}

}  // namespace vitrine::test
