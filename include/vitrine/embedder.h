// SPDX-License-Identifier: MIT
#pragma once
/// From picture to feature, code and category. `Embedder` is the interface; `load_embedder` gives the one
/// that runs a Vitrine model file; a host may bring its own.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vitrine/box.h"
#include "vitrine/image.h"

namespace vitrine {

/// What a picture looks like to the network.
struct Embedding {
  std::vector<float> feature;   ///< `[feature_dim]`, L2 norm 1
  std::vector<std::byte> code;  ///< `[code_bits / 8]`; bit i is bit (i % 8) of byte i / 8
  std::vector<float>
      category_probabilities;  ///< `[categories]`, sums to 1; empty if the model has no category head
  /// Where the model found the product, in pixels of the upright source picture; unset if the whole picture
  /// is described: it did not look for one, or is not sure enough (ModelInfo::min_box_score).
  std::optional<BoxPx> box_px = {};
  /// How sure it is of the box that it found, used or not, 0 to 1: how well the places that speak for it
  /// agree; 0 if it did not look.
  double box_score = 0;
};

struct ModelInfo {
  std::string name;  ///< for people
  std::string
      fingerprint;  ///< 32 hex digits over the weights and settings: equal features need equal fingerprints
  std::size_t feature_dim = 0;
  std::size_t code_bits = 0;
  int input_px = 0;                     ///< the network looks at input_px x input_px pixels
  std::vector<std::string> categories;  ///< names of the category head's outputs

  bool detects = false;  ///< the model finds the product by itself and describes that part of a picture
  /// Pictures whose box is less sure than this (Embedding::box_score) are described without it. Chosen
  /// by training; 0: every box is used.
  double min_box_score = 0;
  /// A picture is described by the mean of two looks, at all of it and at its centre, of this share of its
  /// sides, or, if the model detects and is sure enough, at the product that it found; 0: by one look, at the
  /// product or at all of it. A part given by its box is described like a picture. Twice the work; pays where
  /// the product is in the middle of photos, or fills them.
  double center_view = 0;

  /// What DecodeOptions::min_side_px should be for pictures to embed. A tenth less than the input is enlarged
  /// again without loss of recall (docs/benchmarks.md) and lets many more photos be decoded at half scale. A
  /// model that detects cuts its input out of the picture: it is given twice the pixels each way, so that a
  /// product half as wide as the photo still fills the input. The same goes for the centre.
  int min_decode_px() const {
    const double part = std::min(detects ? 0.5 : 1.0, center_view > 0 ? center_view : 1.0);
    const int needed_px = input_px * 9 / 10;
    return static_cast<int>(needed_px / part);
  }
};

/// A place where a model sees a product.
struct FoundBox {
  BoxPx box_px;  ///< in pixels of the upright source picture
  /// 0 to 1: how well the places that speak for the box agree, times the attention that the best of them gets
  /// as a share of what the most attractive place of the picture gets.
  double score = 0;
};

/// How to look for several products in one picture.
struct DetectionOptions {
  /// Most boxes wanted, at least 1.
  std::size_t max_boxes = 5;
  /// Two boxes overlap by at most this much: their common area as a share of their joint area (IoU), 0 to 1.
  double max_overlap = 0.3;
  /// Boxes of a lower score are left out, 0 to 1.
  double min_score = 0.01;
};

/// Turns pictures into embeddings. Implementations are immutable: all calls may run concurrently.
class Embedder {
 public:
  virtual ~Embedder() = default;
  virtual const ModelInfo& info() const = 0;
  /// One embedding per picture, in order. Uses the calling thread only; run several calls in parallel to use
  /// all cores. ErrorCode::kInvalidArgument for an empty picture.
  virtual std::vector<Embedding> embed(std::span<const Image> images) const = 0;
  /// One embedding per picture of what lies in its box, `boxes_px` in source pixels, as if the model had
  /// found the product there; a box over the whole picture turns detection off. Boxes are clipped to the
  /// picture; ErrorCode::kInvalidArgument if nothing is left, or if there are not as many boxes as pictures.
  /// Unless overridden, boxes are cut out exactly and embedded as pictures.
  virtual std::vector<Embedding> embed_boxes(std::span<const Image> images,
                                             std::span<const BoxPx> boxes_px) const;
  /// The products in a picture, best first. The first is about where `embed` finds the product, unless there
  /// are several: then `embed` may well take the middle of them. Unless overridden, none are found.
  /// ErrorCode::kInvalidArgument for an empty picture or options out of range.
  virtual std::vector<FoundBox> find_boxes(const Image& image, const DetectionOptions& options) const;
  /// The batch size at which `embed` is most efficient.
  virtual std::size_t preferred_batch() const { return 16; }
};

/// Arithmetic of the network. The faster ones need CPU support; what they cost in recall: docs/benchmarks.md.
/// All give features that can be compared with each other.
enum class Precision {
  kAuto,      ///< bfloat16 if this CPU has it, else float32: the fastest without measurable loss of recall
  kFloat32,   ///< runs everywhere
  kBfloat16,  ///< AVX-512 BF16
  kInt8       ///< AVX-512 VNNI; needs a model with quantisation ranges; loses up to a point of recall
};

struct EmbedderOptions {
  Precision precision = Precision::kAuto;
};

/// Loads a Vitrine model file (safetensors). Weights are memory-mapped; the network is prepared on first use.
/// ErrorCode::kNotFound, kIo, kCorrupt (truncated, wrong shapes, unknown architecture) or kUnsupported
/// (precision that this CPU or model does not have).
std::unique_ptr<Embedder> load_embedder(const std::filesystem::path& model,
                                        const EmbedderOptions& options = {});

/// Sign code of a feature: bit i is set if feature[i] > 0. The length must be a multiple of 64.
std::vector<std::byte> sign_code(std::span<const float> feature);

}  // namespace vitrine
