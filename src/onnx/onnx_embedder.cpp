// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <mutex>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/dnn.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/temporary_file.h"
#include "network/hasher.h"
#include "network/preprocess.h"
#include "onnx/onnx_file.h"
#include "onnx/onnx_settings.h"
#include "vitrine/error.h"
#include "vitrine/onnx.h"

namespace vitrine {
namespace {

namespace log = cv::utils::logging;

constexpr std::size_t kMinDim = 64;
constexpr std::size_t kMaxDim = 65536;
constexpr std::size_t kMaxCodeBits = 4096;

/// OpenCV tells its log what it then throws; nothing is to be printed. The level is the whole process's, so
/// one at a time changes it.
class SilentLog {
 public:
  SilentLog() : lock_(mutex()), level_(log::setLogLevel(log::LOG_LEVEL_SILENT)) {}
  SilentLog(const SilentLog&) = delete;
  SilentLog& operator=(const SilentLog&) = delete;
  ~SilentLog() { log::setLogLevel(level_); }

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::lock_guard<std::mutex> lock_;
  log::LogLevel level_;
};

/// Runs `work`, turning OpenCV's exceptions into ours, which begin with `attempt`.
template <typename Work>
auto with_opencv(ErrorCode code, const std::string& attempt, const Work& work) {
  try {
    return work();
  } catch (const cv::Exception& error) {
    throw Error(code, attempt + ": " + error.err);
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(code, attempt + ": " + error.what());
  }
}

std::string fingerprint(const onnx::OnnxFile& file, const OnnxSettings& settings) {
  network::Hasher hasher;
  hasher.add("onnx");
  hasher.add(onnx::to_json(settings));
  for (const auto field : file.network_fields()) hasher.add(field);
  return hasher.hex_digits();
}

std::vector<float> normalized(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += double{value} * value;
  const auto factor = static_cast<float>(1 / std::max(std::sqrt(sum), 1e-12));
  std::vector<float> result;
  for (const float value : values) result.push_back(value * factor);
  return result;
}

class OnnxEmbedder final : public Embedder {
 public:
  OnnxEmbedder(const std::filesystem::path& path, const OnnxSettings& settings)
      : file_(path), settings_(settings) {
    cv::setNumThreads(1);
    info_.name = settings.name.empty() ? path.stem().string() : settings.name;
    OnnxSettings named = settings;
    named.name = info_.name;
    info_.fingerprint = fingerprint(file_, named);
    info_.input_px = settings.input_px;
    if (!settings.output.empty()) layer_ = layer_of_output();
    idle_.push_back(read_network());
    const Image grey(settings.input_px, settings.input_px,
                     std::vector<std::uint8_t>(std::size_t{3} * static_cast<std::size_t>(settings.input_px) *
                                                   static_cast<std::size_t>(settings.input_px),
                                               128));
    {
      const SilentLog silent;  // if anything does not fit, the first run says so
      info_.feature_dim = run(grey).size();
    }
    if (info_.feature_dim < kMinDim || info_.feature_dim > kMaxDim)
      throw Error(ErrorCode::kInvalidArgument,
                  attempt() + ": its output has " + std::to_string(info_.feature_dim) +
                      " numbers, 64 to 65536 are needed; name another one as 'output' in the settings");
    info_.code_bits = std::min(info_.feature_dim / 64 * 64, kMaxCodeBits);
  }

  const ModelInfo& info() const override { return info_; }
  std::size_t preferred_batch() const override { return 1; }

  std::vector<Embedding> embed(std::span<const Image> images) const override {
    std::vector<Embedding> embeddings;
    for (const Image& image : images) {
      Embedding embedding;
      embedding.feature = normalized(run(network::to_input_size(image, settings_.input_px)));
      embedding.code = sign_code(std::span(embedding.feature).first(info_.code_bits));
      embeddings.push_back(std::move(embedding));
    }
    return embeddings;
  }

 private:
  std::string attempt() const { return "cannot use the network '" + file_.path().string() + "'"; }

  std::string layer_of_output() const {
    std::optional<std::string> layer = file_.layer_of(settings_.output);
    if (!layer)
      throw Error(ErrorCode::kInvalidArgument, attempt() + ": there is no tensor '" + settings_.output +
                                                   "', the 'output' of its settings");
    return *std::move(layer);
  }

  cv::dnn::Net read_network() const {
    return with_opencv(ErrorCode::kCorrupt, attempt(), [&] {
      const SilentLog silent;
      cv::dnn::Net net =
          cv::dnn::readNetFromONNX(reinterpret_cast<const char*>(file_.bytes().data()), file_.bytes().size());
      if (net.empty()) throw Error(ErrorCode::kCorrupt, attempt() + ": there is no layer in it");
      net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
      net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
      return net;
    });
  }

  /// A network that no other call uses.
  cv::dnn::Net take() const {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        cv::dnn::Net net = std::move(idle_.back());
        idle_.pop_back();
        return net;
      }
    }
    return read_network();
  }

  cv::Mat input_blob(const Image& image) const {
    const int side = settings_.input_px;
    const bool planes = settings_.layout == OnnxSettings::Layout::kNchw;
    const std::vector<int> shape = planes ? std::vector{1, 3, side, side} : std::vector{1, side, side, 3};
    cv::Mat blob(shape, CV_32F);
    auto* values = blob.ptr<float>();
    const std::span<const std::uint8_t> pixels = image.pixels();
    const std::size_t num_pixels = pixels.size() / 3;
    for (std::size_t c = 0; c < 3; ++c) {
      const std::size_t source = settings_.channels == OnnxSettings::Channels::kRgb ? c : 2 - c;
      const float scale = 1 / (255 * settings_.std[c]);
      const float shift = settings_.mean[c] / settings_.std[c];
      for (std::size_t i = 0; i < num_pixels; ++i)
        values[planes ? c * num_pixels + i : i * 3 + c] =
            static_cast<float>(pixels[i * 3 + source]) * scale - shift;
    }
    return blob;
  }

  /// The feature of a picture of the input's size, before normalisation.
  std::vector<float> run(const Image& image) const {
    cv::dnn::Net net = take();
    std::vector<float> feature =
        with_opencv(ErrorCode::kInvalidArgument, attempt() + " with its settings", [&] {
          net.setInput(input_blob(image));
          return feature_of(layer_.empty() ? net.forward() : net.forward(layer_));
        });
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(net));
    return feature;
  }

  std::vector<float> feature_of(const cv::Mat& output) const {
    if (output.dims < 2 || output.size[0] != 1 || output.type() != CV_32F || output.total() == 0 ||
        !output.isContinuous())
      throw Error(ErrorCode::kInvalidArgument,
                  attempt() + ": its output must be [1, dim] or [1, dim, height, width] of float32");
    const auto dim = static_cast<std::size_t>(output.size[1]);
    const std::size_t num_places = output.total() / dim;
    const auto* values = output.ptr<float>();
    std::vector<float> feature(dim);
    for (std::size_t i = 0; i < dim; ++i) {
      double sum = 0;
      for (std::size_t place = 0; place < num_places; ++place) sum += values[i * num_places + place];
      feature[i] = static_cast<float>(sum / static_cast<double>(num_places));
    }
    if (!std::all_of(feature.begin(), feature.end(), [](float value) { return std::isfinite(value); }))
      throw Error(ErrorCode::kInvalidArgument, attempt() + ": its output is not finite");
    return feature;
  }

  const onnx::OnnxFile file_;
  const OnnxSettings settings_;
  std::string layer_;  ///< whose output is the feature; empty: the network's
  ModelInfo info_;
  mutable std::mutex mutex_;
  mutable std::vector<cv::dnn::Net> idle_;  ///< as many as calls ever ran at a time
};

}  // namespace

std::unique_ptr<Embedder> load_onnx_embedder(const std::filesystem::path& model,
                                             const OnnxSettings& settings) {
  return std::make_unique<OnnxEmbedder>(model, settings);
}

void pack_onnx_model(const std::filesystem::path& model, const OnnxSettings& settings,
                     const std::filesystem::path& packed) {
  const onnx::OnnxFile file(model);
  OnnxSettings named = settings;
  if (named.name.empty()) named.name = model.stem().string();
  base::TemporaryFile copy(packed);
  for (const auto field : file.network_fields())
    copy.write({reinterpret_cast<const char*>(field.data()), field.size()});
  copy.write(onnx::settings_field(onnx::to_json(named)));
  copy.commit();
}

}  // namespace vitrine
