// SPDX-License-Identifier: MIT
#pragma once
/// A host's own network, in an ONNX file, as an Embedder: inference by OpenCV's dnn module. CMake component
/// `onnx`, target `vitrine::onnx`. The whole picture is described; give codes that suit its features with
/// `with_binarizer` (binarized_embedder.h).
///
/// OpenCV's reader of ONNX files is not made for hostile ones: load files that you trust. Damage that it
/// notices becomes an error.
#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "vitrine/embedder.h"

namespace vitrine {

/// What a network expects, which the ONNX file does not say. As JSON (keys and defaults as here; channels
/// "rgb" or "bgr", layout "nchw" or "nhwc") it lies beside the file, as NAME.onnx.json:
///
///     {"input_px": 224, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "output": "features"}
struct OnnxSettings {
  enum class Channels { kRgb, kBgr };
  enum class Layout {
    kNchw,  ///< input `[1, 3, input_px, input_px]`
    kNhwc   ///< input `[1, input_px, input_px, 3]`
  };

  std::string name;    ///< for people; empty: the file's name
  int input_px = 224;  ///< pictures are squashed to a square of this side, 8 to 2048
  /// An input value is (pixel / 255 - mean) / std, pixel from 0 to 255; in the order of `channels`.
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> std{1, 1, 1};
  Channels channels = Channels::kRgb;
  Layout layout = Layout::kNchw;
  /// Name of the tensor that is the feature; empty: the network's output, if it has only one. Its shape is
  /// `[1, dim]`, or `[1, dim, height, width]`, of which the average over places is taken; dim is 64 or more.
  std::string output;
};

/// Settings kept in an ONNX file by `pack_onnx_model`, or else those of NAME.onnx.json beside it.
/// ErrorCode::kNotFound, saying how to write them, if there are none; kCorrupt for JSON that is damaged, has
/// unknown keys or values out of range.
OnnxSettings read_onnx_settings(const std::filesystem::path& model);

/// Loads a network; its fingerprint covers file and settings. Sign codes are made of the first
/// `dim / 64 * 64` values, at most 4096. Each concurrent call has a copy of the network. Sets OpenCV's number
/// of threads to 1, for the whole process: concurrent calls are what uses the cores.
/// ErrorCode::kNotFound, kIo; kCorrupt if the file is damaged or holds what OpenCV does not know;
/// kInvalidArgument if settings and network do not fit each other.
std::unique_ptr<Embedder> load_onnx_embedder(const std::filesystem::path& model,
                                             const OnnxSettings& settings);

/// Writes a copy of the model that holds its settings (ONNX metadata "vitrine.settings"), for a catalogue to
/// keep. Its fingerprint is the original's. Errors as above.
void pack_onnx_model(const std::filesystem::path& model, const OnnxSettings& settings,
                     const std::filesystem::path& packed);

}  // namespace vitrine
