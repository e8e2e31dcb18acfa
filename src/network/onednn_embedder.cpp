// SPDX-License-Identifier: MIT
#include "network/onednn_embedder.h"

#include <mutex>
#include <string>
#include <vector>

#include "network/embedding_head.h"
#include "network/execution_context.h"
#include "network/preprocess.h"

namespace vitrine::network {
namespace {

class OnednnEmbedder : public Embedder {
 public:
  OnednnEmbedder(Model model, Precision precision) : model_(std::move(model)), precision_(precision) {}

  const ModelInfo& info() const override { return model_.info; }

  std::vector<Embedding> embed(std::span<const Image> images) const override {
    return with_onednn([&] {
      std::vector<Embedding> embeddings;
      embeddings.reserve(images.size());
      std::unique_ptr<ExecutionContext> context = take_context();
      for (const Image& image : images) {
        const Image input = to_input_size(image, model_.info.input_px);
        embeddings.push_back(finish_embedding(model_, context->run(input.pixels())));
      }
      const std::lock_guard lock(mutex_);
      idle_contexts_.push_back(std::move(context));
      return embeddings;
    });
  }

  std::size_t preferred_batch() const override { return 1; }

 private:
  /// Builds the graph on first use; other calls wait for that, since they would do the same work.
  std::unique_ptr<ExecutionContext> take_context() const {
    {
      const std::lock_guard lock(mutex_);
      if (!graph_) graph_ = std::make_unique<Graph>(model_, precision_);
      if (!idle_contexts_.empty()) {
        auto context = std::move(idle_contexts_.back());
        idle_contexts_.pop_back();
        return context;
      }
    }
    return std::make_unique<ExecutionContext>(*graph_);
  }

  const Model model_;
  const Precision precision_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<const Graph> graph_;  ///< set once, under the mutex
  mutable std::vector<std::unique_ptr<ExecutionContext>>
      idle_contexts_;  ///< as many as calls ever ran at a time
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
  return cpu_supports(precision) && (precision != Precision::kInt8 || !model.activation_absmax.empty());
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
  return std::make_unique<OnednnEmbedder>(std::move(model), precision);
}

}  // namespace vitrine::network

namespace vitrine {

std::unique_ptr<Embedder> load_embedder(const std::filesystem::path& model, const EmbedderOptions& options) {
  return network::make_onednn_embedder(network::read_model(model), options.precision);
}

}  // namespace vitrine
