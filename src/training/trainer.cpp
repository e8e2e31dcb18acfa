// SPDX-License-Identifier: MIT
#include "training/trainer.h"

#include <cmath>
#include <numbers>

#include "training/feature_extraction.h"
#include "training/losses.h"
#include "training/triplet_batches.h"
#include "vitrine/error.h"

namespace vitrine::training {
namespace {

constexpr std::int64_t kWarmUpSteps = 100;
constexpr double kMaxGradientNorm = 5;

EmbeddingNetwork copy_of(const EmbeddingNetwork& network, std::int64_t feature_dim) {
  EmbeddingNetwork copy(feature_dim);
  set_to_average(copy, network, network, 1.0);
  copy->to(torch::kCPU, torch::kFloat32);
  return copy;
}

// Mean feature of each class: a start from which most pictures are already on the right side.
torch::Tensor class_means(const torch::Tensor& features, const std::vector<std::int64_t>& labels,
                          std::size_t count) {
  const torch::Tensor index = torch::tensor(labels, torch::kInt64);
  const torch::Tensor rows = torch::nonzero(index >= 0).squeeze(1);
  torch::Tensor sums = torch::zeros({static_cast<std::int64_t>(count), features.size(1)});
  sums.index_add_(0, index.index_select(0, rows), features.index_select(0, rows));
  return sums;
}

}  // namespace

Trainer::Trainer(const PicturePool& pool, const TripletPool* triplets, const TrainingOptions& options,
                 EmbeddingNetwork initial)
    : pool_(pool),
      triplets_(triplets),
      options_(options),
      initial_(std::move(initial)),
      network_(copy_of(initial_, static_cast<std::int64_t>(options.feature_dim))) {
  use_channels_last(*initial_);
  use_channels_last(*network_);
  for (torch::Tensor& parameter : initial_->parameters()) parameter.requires_grad_(false);
  for (torch::Tensor& parameter : network_->parameters()) parameter.requires_grad_(false);
  start_class_weights();
  std::vector<torch::Tensor> parameters;
  for (auto& [name, parameter] : learned()) parameters.push_back(parameter.requires_grad_());
  optimizer_ = std::make_unique<torch::optim::AdamW>(
      parameters, torch::optim::AdamWOptions(options.learning_rate).weight_decay(options.weight_decay));
}

void Trainer::start_class_weights() {
  const auto train_pictures = select_pictures(pool_, pool_.pictures.size(), [](const PooledPicture& picture) {
    return picture.split == Split::kTrain && (picture.product_index >= 0 || picture.category_index >= 0);
  });
  const torch::Tensor features = extract_features(initial_, pool_, train_pictures, options_.input_px);
  std::vector<std::int64_t> products;
  std::vector<std::int64_t> categories;
  for (const std::size_t i : train_pictures) {
    products.push_back(pool_.pictures[i].product_index);
    categories.push_back(pool_.pictures[i].category_index);
  }
  product_weights_ = class_means(features, products, pool_.products.size());
  category_weights_ = class_means(features, categories, pool_.categories.size());
}

std::vector<std::pair<std::string, torch::Tensor>> Trainer::learned() const {
  std::vector<std::pair<std::string, torch::Tensor>> result;
  const auto frozen = static_cast<std::size_t>(options_.frozen_blocks);
  const auto tuned = network_->block_parameters(frozen);
  for (std::size_t i = 0; i < tuned.size(); ++i)
    result.emplace_back("block_parameter." + std::to_string(i), tuned[i]);
  result.emplace_back("embedding.weight", network_->projection()->weight);
  result.emplace_back("embedding.bias", network_->projection()->bias);
  result.emplace_back("product_weights", product_weights_);
  result.emplace_back("category_weights", category_weights_);
  return result;
}

torch::Tensor Trainer::identity_loss(const torch::Tensor& features, const Batch& batch) const {
  if (batch.triplets) {
    return triplet_loss(features, *batch.triplets, options_.triplet_margin, options_.query_mean);
  }
  return cosine_margin_loss(features, product_weights_, batch.products, options_.margin, options_.scale);
}

std::vector<BatchPlan> Trainer::plan(int epoch) const {
  const auto number = static_cast<std::uint64_t>(epoch);
  return triplets_ != nullptr ? plan_triplets(*triplets_, options_, number)
                              : plan_labelled(pool_, options_, number);
}

Trainer::Losses Trainer::compute_losses(const Batch& batch) {
  const auto frozen = static_cast<std::size_t>(options_.frozen_blocks);
  torch::Tensor trunk;
  torch::Tensor before;
  {
    // The frozen blocks are the same in both networks, so they run once.
    torch::NoGradGuard no_gradient;
    trunk = network_->forward_blocks(batch.images, 0, frozen);
    before =
        initial_->project(initial_->average(initial_->forward_blocks(trunk, frozen, initial_->num_blocks())));
  }
  const torch::Tensor features =
      network_->project(network_->average(network_->forward_blocks(trunk, frozen, network_->num_blocks())));
  const std::int64_t num_labelled = batch.products.size(0);
  const torch::Tensor labelled = features.slice(0, 0, num_labelled);
  const torch::Tensor identity = identity_loss(labelled, batch);
  const torch::Tensor category =
      cosine_margin_loss(labelled, category_weights_, batch.categories, 0.0, options_.scale);
  // On the labelled pictures themselves the two aims would contradict each other.
  const bool has_patchwork = features.size(0) > num_labelled;
  const std::int64_t first = has_patchwork ? num_labelled : 0;
  const torch::Tensor retention = retention_loss(features.slice(0, first), before.slice(0, first));
  const double identity_weight = batch.triplets ? options_.triplet_weight : 1.0;
  torch::Tensor total = identity_weight * identity + options_.category_weight * category +
                        options_.retention_weight * retention;
  if (options_.relation_weight > 0) {
    total =
        total + options_.relation_weight * relation_loss(features.slice(0, first), before.slice(0, first));
  }
  double quantization = 0;
  if (options_.quantization_weight > 0) {
    const torch::Tensor loss = quantization_loss(labelled);
    quantization = loss.item<double>();
    total = total + options_.quantization_weight * loss;
  }
  return {total, identity.item<double>(), category.item<double>(), retention.item<double>(), quantization};
}

void Trainer::set_learning_rate(std::size_t steps_per_epoch) {
  const double total = static_cast<double>(steps_per_epoch) * options_.epochs;
  const double warm_up = std::min(1.0, static_cast<double>(steps_done_ + 1) / kWarmUpSteps);
  const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * static_cast<double>(steps_done_) / total));
  for (auto& group : optimizer_->param_groups()) {
    static_cast<torch::optim::AdamWOptions&>(group.options()).lr(options_.learning_rate * warm_up * cosine);
  }
}

bool Trainer::run_epoch(int epoch, const TrainingCallbacks& callbacks, EpochFigures& figures) {
  EpochBatches batches(pool_, options_, static_cast<std::uint64_t>(epoch), plan(epoch));
  std::vector<torch::Tensor> parameters;
  for (auto& [name, parameter] : learned()) parameters.push_back(parameter);
  figures.epoch = epoch;
  for (std::size_t i = 0; i < batches.num_batches(); ++i) {
    if (callbacks.should_stop && callbacks.should_stop()) return false;
    const Losses losses = compute_losses(batches.next());
    const double loss = losses.total.item<double>();
    if (!std::isfinite(loss)) {
      throw Error(ErrorCode::kInternal, "training diverged: the loss is not finite at batch " +
                                            std::to_string(i + 1) + " of epoch " + std::to_string(epoch) +
                                            "; resume from the last checkpoint with a lower learning rate");
    }
    set_learning_rate(batches.num_batches());
    optimizer_->zero_grad();
    losses.total.backward();
    torch::nn::utils::clip_grad_norm_(parameters, kMaxGradientNorm);
    optimizer_->step();
    ++steps_done_;
    const double weight = 1.0 / static_cast<double>(i + 1);  // running means
    figures.loss += (loss - figures.loss) * weight;
    figures.identity_loss += (losses.identity - figures.identity_loss) * weight;
    figures.category_loss += (losses.category - figures.category_loss) * weight;
    figures.retention_loss += (losses.retention - figures.retention_loss) * weight;
    figures.quantization_loss += (losses.quantization - figures.quantization_loss) * weight;
    if (callbacks.on_progress) {
      callbacks.on_progress(
          {epoch, batches.num_pictures(i + 1), batches.num_pictures(batches.num_batches()), figures.loss});
    }
  }
  return true;
}

EmbeddingNetwork Trainer::averaged() const {
  EmbeddingNetwork result(static_cast<std::int64_t>(options_.feature_dim));
  set_to_average(result, initial_, network_, options_.initial_share);
  use_channels_last(*result);
  return result;
}

void Trainer::keep_as_best() {
  for (const auto& [name, parameter] : learned()) best_[name] = parameter.detach().clone();
}

void Trainer::restore_best() {
  torch::NoGradGuard no_gradient;
  for (auto& [name, parameter] : learned()) parameter.copy_(best_.at(name));
}

void Trainer::save_state(Checkpoint& checkpoint) const {
  checkpoint.steps_done = steps_done_;
  for (const auto& [name, tensor] : best_) checkpoint.tensors["best." + name] = tensor;
  for (const auto& [name, parameter] : learned()) {
    checkpoint.tensors[name] = parameter;
    const auto state = optimizer_->state().find(c10::guts::to_string(parameter.unsafeGetTensorImpl()));
    if (state == optimizer_->state().end()) continue;
    const auto& moments = static_cast<const torch::optim::AdamWParamState&>(*state->second);
    checkpoint.tensors["moment1." + name] = moments.exp_avg();
    checkpoint.tensors["moment2." + name] = moments.exp_avg_sq();
  }
}

void Trainer::load_state(const Checkpoint& checkpoint) {
  torch::NoGradGuard no_gradient;
  const auto stored = [&](const std::string& name, const torch::Tensor& like) {
    const auto it = checkpoint.tensors.find(name);
    if (it == checkpoint.tensors.end() || it->second.sizes() != like.sizes()) {
      throw Error(ErrorCode::kCorrupt,
                  "cannot resume '" + options_.checkpoint.string() + "': tensor '" + name +
                      "' is missing or has another shape; delete the checkpoint to start over");
    }
    return it->second;
  };
  for (auto& [name, parameter] : learned()) {
    torch::Tensor target = parameter;
    target.copy_(stored(name, parameter));
    if (options_.patience > 0) best_[name] = stored("best." + name, parameter).clone();
    if (parameter.numel() == 0) continue;  // no labels of this kind: never stepped, so without moments
    auto moments = std::make_unique<torch::optim::AdamWParamState>();
    moments->step(checkpoint.steps_done);
    moments->exp_avg(torch::empty_like(parameter).copy_(stored("moment1." + name, parameter)));
    moments->exp_avg_sq(torch::empty_like(parameter).copy_(stored("moment2." + name, parameter)));
    optimizer_->state()[c10::guts::to_string(parameter.unsafeGetTensorImpl())] = std::move(moments);
  }
  steps_done_ = checkpoint.steps_done;
}

}  // namespace vitrine::training
