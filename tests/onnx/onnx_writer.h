// SPDX-License-Identifier: MIT
#pragma once
/// Writes small networks as ONNX files, byte by byte (protobuf's wire format, onnx.proto's field numbers).
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::test {

/// A protobuf message under construction.
class Message {
 public:
  Message& number(std::uint64_t field, std::uint64_t value);
  Message& text(std::uint64_t field, std::string_view content);
  Message& message(std::uint64_t field, const Message& content) { return text(field, content.bytes_); }
  const std::string& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value);
  std::string bytes_;
};

/// What the network of `tiny_onnx` looks like.
struct TinyNetwork {
  /// Input `[1, side, side, 3]` instead of `[1, 3, side, side]`.
  bool channels_last = false;
  /// End with the average over places, `[1, dim]`; without it the output is `[1, dim, side, side]`.
  bool pooled = true;
  int side_px = 8;
  /// `[dim, 3]` and `[dim]`: every pixel becomes weight * (r, g, b) + bias.
  std::vector<float> weight;
  std::vector<float> bias;
};

/// The file. Tensors: "input", "map" (before the average), "output".
std::string tiny_onnx(const TinyNetwork& network);

/// A network whose values differ, of dimension `dim`.
TinyNetwork tiny_network(int dim);

}  // namespace vitrine::test
