// SPDX-License-Identifier: MIT
#include "network/onednn_embedder.h"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "network/box_check.h"
#include "network/detector.h"
#include "network/embedding_head.h"
#include "network/execution_context.h"
#include "network/preprocess.h"

namespace vitrine::network {
namespace {

/// A graph, made on first use, and contexts to run it in: as many as calls ever ran at a time.
class GraphPool {
 public:
  explicit GraphPool(std::function<Graph()> make) : make_(std::move(make)) {}

  /// Returns its context to the pool when it goes.
  class Lease {
   public:
    Lease(GraphPool& pool, std::unique_ptr<ExecutionContext> context)
        : pool_(pool), context_(std::move(context)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
      const std::lock_guard lock(pool_.mutex_);
      pool_.idle_contexts_.push_back(std::move(context_));
    }
    ExecutionContext* operator->() const { return context_.get(); }

   private:
    GraphPool& pool_;
    std::unique_ptr<ExecutionContext> context_;
  };

  /// The first call builds the graph; others wait for that, since they would do the same work.
  Lease lease() {
    {
      const std::lock_guard lock(mutex_);
      if (!graph_) graph_ = std::make_unique<Graph>(make_());
      if (idle_contexts_.empty()) {
        idle_contexts_.reserve(++num_contexts_);  // so that giving back cannot fail
      } else {
        auto context = std::move(idle_contexts_.back());
        idle_contexts_.pop_back();
        return {*this, std::move(context)};
      }
    }
    return {*this, std::make_unique<ExecutionContext>(*graph_)};
  }

 private:
  const std::function<Graph()> make_;
  std::mutex mutex_;
  std::unique_ptr<const Graph> graph_;  ///< set once, under the mutex
  std::size_t num_contexts_ = 0;
  std::vector<std::unique_ptr<ExecutionContext>> idle_contexts_;
};

class OnednnEmbedder : public Embedder {
 public:
  OnednnEmbedder(Model model, Precision precision, Precision detector_precision)
      : model_(std::move(model)), features_([this, precision] {
          return Graph::of_features(model_.backbone, model_.embedding, precision);
        }) {
    if (model_.detector) {
      boxes_.emplace(
          [this, detector_precision] { return Graph::of_map(model_.detector->stack, detector_precision); });
    }
  }

  const ModelInfo& info() const override { return model_.info; }

  std::vector<Embedding> embed(std::span<const Image> images) const override {
    return embed_each(images, [&](std::size_t i) { return describe(images[i]); });
  }

  std::vector<Embedding> embed_boxes(std::span<const Image> images,
                                     std::span<const BoxPx> boxes_px) const override {
    check_boxes(images, boxes_px);
    return embed_each(images, [&](std::size_t i) { return describe_box(images[i], boxes_px[i]); });
  }

  std::vector<FoundBox> find_boxes(const Image& image, const DetectionOptions& options) const override {
    check(options);
    if (!boxes_) return {};
    return with_onednn([&] {
      std::vector<FoundBox> found;
      for (const DetectedBox& box : decode_boxes(detector_map(image), detector_grid(), options))
        found.push_back({to_pixels(box.box, image.source_width_px(), image.source_height_px()), box.score});
      return found;
    });
  }

  std::size_t preferred_batch() const override { return 1; }

 private:
  template <typename Describe>
  static std::vector<Embedding> embed_each(std::span<const Image> images, const Describe& describe) {
    return with_onednn([&] {
      std::vector<Embedding> embeddings;
      embeddings.reserve(images.size());
      for (std::size_t i = 0; i < images.size(); ++i) embeddings.push_back(describe(i));
      return embeddings;
    });
  }

  Embedding describe(const Image& image) const {
    if (!model_.detector) return describe_whole(image);
    const DetectedBox found = decode_box(detector_map(image), detector_grid());
    Embedding embedding;
    if (found.score < model_.info.min_box_score) {
      embedding = describe_whole(image);
    } else {
      const BoxPx box_px = to_pixels(found.box, image.source_width_px(), image.source_height_px());
      embedding = describe_found(image, box_px);
      embedding.box_px = box_px;
    }
    embedding.box_score = found.score;
    return embedding;
  }

  /// The detection branch's output for a picture, `[grid, grid, 5]`.
  std::vector<float> detector_map(const Image& image) const {
    const Image input = to_input_size(image, model_.detector->stack.input_px);
    const auto context = boxes_->lease();
    const std::span<const float> map = context->run(input.pixels());
    return {map.begin(), map.end()};
  }

  int detector_grid() const { return model_.detector->stack.input_px / kDetectorStridePx; }

  /// Where the product is known, a second look is better spent on it than on the centre.
  Embedding describe_found(const Image& image, const BoxPx& box_px) const {
    const Embedding found =
        look_at(crop(image, with_margin(box_px, model_.detector->margin, image.source_width_px(),
                                        image.source_height_px())));
    return model_.info.center_view == 0 ? found : mean_of(look_at(image), found);
  }

  Embedding describe_box(const Image& image, const BoxPx& box_px) const {
    // The margin belongs to what lies in the picture; without anything, crop says what is wrong.
    const int width_px = image.source_width_px();
    const int height_px = image.source_height_px();
    const BoxPx inside = box_px.clipped(width_px, height_px);
    if (!model_.detector || inside.empty()) return describe_whole(crop(image, box_px));
    return describe_whole(crop(image, with_margin(inside, model_.detector->margin, width_px, height_px)));
  }

  Embedding describe_whole(const Image& image) const {
    Embedding all = look_at(image);
    if (model_.info.center_view == 0) return all;
    return mean_of(all, look_at(crop(image, central_part(model_.info.center_view, image.source_width_px(),
                                                         image.source_height_px()))));
  }

  Embedding look_at(const Image& image) const {
    const Image input = to_input_size(image, model_.backbone.input_px);
    const auto context = features_.lease();
    return finish_embedding(model_, context->run(input.pixels()));
  }

  const Model model_;
  mutable GraphPool features_;
  mutable std::optional<GraphPool> boxes_;
};

std::string_view name_of(Precision precision) {
  switch (precision) {
    case Precision::kInt8:
      return "int8";
    case Precision::kBfloat16:
      return "bfloat16";
    default:
      return "float32";
  }
}

// 8 bits are faster still, but cost up to a point of recall (docs/benchmarks.md), so they are chosen by name
// only.
Precision fastest_faithful_precision(const Model& model) {
  return precision_available(model, Precision::kBfloat16) ? Precision::kBfloat16 : Precision::kFloat32;
}

}  // namespace

bool precision_available(const Model& model, Precision precision) {
  return cpu_supports(precision) &&
         (precision != Precision::kInt8 || !model.backbone.activation_absmax.empty());
}

std::unique_ptr<Embedder> make_onednn_embedder(Model model, Precision precision) {
  if (precision == Precision::kAuto) precision = fastest_faithful_precision(model);
  if (!precision_available(model, precision)) {
    const std::string why = cpu_supports(precision) ? "the model holds no quantisation ranges"
                                                    : "this CPU has no instructions for it";
    throw Error(ErrorCode::kUnsupported, "cannot run model '" + model.info.name + "' in " +
                                             std::string(name_of(precision)) + ": " + why +
                                             "; choose float32 or let the precision be chosen");
  }
  // The box is found by few layers, whose ranges nobody has measured: 8 bits would save little.
  const Precision detector_precision =
      precision == Precision::kInt8 ? fastest_faithful_precision(model) : precision;
  return std::make_unique<OnednnEmbedder>(std::move(model), precision, detector_precision);
}

}  // namespace vitrine::network
