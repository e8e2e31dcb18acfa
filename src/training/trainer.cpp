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

// Mean feature of each class: a start from which most pictures are already on the right side.
torch::Tensor class_means(const torch::Tensor& features, const std::vector<std::int64_t>& labels,
                          std::size_t count) {
  const torch::Tensor index = torch::tensor(labels, torch::kInt64);
  const torch::Tensor rows = torch::nonzero(index >= 0).squeeze(1);
  torch::Tensor sums = torch::zeros({static_cast<std::int64_t>(count), features.size(1)});
  sums.index_add_(0, index.index_select(0, rows), features.index_select(0, rows));
  return sums;
}

// Boxes are still being looked for, so views show any part of a photo. Features that rest need nothing that
// holds them.
TrainingOptions options_of_joint_epochs(TrainingOptions options) {
  options.input_px = JointDetection::view_px(options);
  options.near_box_share = 0;
  if (options.joint_feature_rate == 0) {
    options.patchwork_share = 0;
    options.category_weight = 0;
    options.retention_weight = 0;
    options.relation_weight = 0;
    options.quantization_weight = 0;
  }
  return options;
}

}  // namespace

Trainer::Trainer(const PicturePool& pool, const TripletPool* triplets, const TrainingOptions& options,
                 EmbeddingNetwork initial, DetectorNetwork detector)
    : pool_(pool),
      triplets_(triplets),
      options_(options),
      joint_options_(options_of_joint_epochs(options)),
      initial_(std::move(initial)),
      network_(average_of(initial_, initial_, 1)) {
  rest(initial_->state());
  rest(network_->state());
  start_class_weights();
  optimizer_ = std::make_unique<torch::optim::AdamW>(
      tensors_of(learned()),
      torch::optim::AdamWOptions(options.learning_rate).weight_decay(options.weight_decay));
  if (options.joint != JointKind::kNone)
    joint_ = std::make_unique<JointDetection>(std::move(detector), options);
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
  product_weights_ = class_means(features, products, pool_.products.size()).to(initial_->device());
  category_weights_ = class_means(features, categories, pool_.categories.size()).to(initial_->device());
}

NamedParameters Trainer::learned() const {
  NamedParameters result;
  const auto frozen = static_cast<std::size_t>(options_.frozen_blocks);
  const auto tuned = network_->block_parameters(frozen);
  for (std::size_t i = 0; i < tuned.size(); ++i)
    result.emplace_back("block_parameter." + std::to_string(i), tuned[i]);
  result.emplace_back("embedding.weight", network_->projection_weight());
  result.emplace_back("embedding.bias", network_->projection_bias());
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

Trainer::Features Trainer::run_networks(const torch::Tensor& images, std::int64_t num_labelled,
                                        bool to_pixels, const TrainingOptions& options) {
  const auto frozen = static_cast<std::size_t>(options.frozen_blocks);
  Features result;
  // On the labelled pictures themselves learning and keeping would contradict each other.
  const bool has_patchwork = images.size(0) > num_labelled;
  result.first_kept = has_patchwork ? num_labelled : 0;
  torch::Tensor trunk;
  {
    // The frozen blocks are the same in both networks, so they run once.
    torch::AutoGradMode with_gradient(to_pixels);
    trunk = network_->forward_blocks(images, 0, frozen);
  }
  result.learned =
      network_->project(network_->average(network_->forward_blocks(trunk, frozen, network_->num_blocks())));
  if (options.retention_weight + options.relation_weight == 0) {
    result.before = result.learned.detach().slice(0, result.first_kept);
    return result;
  }
  torch::NoGradGuard no_gradient;
  result.before = initial_->project(initial_->average(
      initial_->forward_blocks(trunk.slice(0, result.first_kept), frozen, initial_->num_blocks())));
  return result;
}

Trainer::Losses Trainer::compute_losses(const Batch& batch) {
  return weigh(run_networks(batch.images, batch.products.size(0), /*to_pixels=*/false, options_), batch,
               options_);
}

Trainer::Losses Trainer::compute_joint_losses(const Batch& batch, double progress) {
  const std::int64_t num_labelled = batch.products.size(0);
  const JointDetection::Seen seen = joint_->look(batch.images.slice(0, 0, num_labelled), progress);
  torch::Tensor images = seen.images;
  if (batch.images.size(0) > num_labelled) {
    // Patchwork is of nothing that could be found.
    images =
        torch::cat({images, JointDetection::reduced(batch.images.slice(0, num_labelled), options_.input_px)});
  }
  Losses losses =
      weigh(run_networks(images, num_labelled, /*to_pixels=*/true, joint_options_), batch, joint_options_);
  losses.total = losses.total + seen.penalty;
  return losses;
}

Trainer::Losses Trainer::weigh(const Features& features, const Batch& batch,
                               const TrainingOptions& options) const {
  const std::int64_t num_labelled = batch.products.size(0);
  const torch::Tensor labelled = features.learned.slice(0, 0, num_labelled);
  const torch::Tensor identity = identity_loss(labelled, batch);
  const torch::Tensor category =
      cosine_margin_loss(labelled, category_weights_, batch.categories, 0.0, options.scale);
  const torch::Tensor now = features.learned.slice(0, features.first_kept);
  const torch::Tensor retention = retention_loss(now, features.before);
  const double identity_weight = batch.triplets ? options.triplet_weight : 1.0;
  torch::Tensor total =
      identity_weight * identity + options.category_weight * category + options.retention_weight * retention;
  if (options.relation_weight > 0)
    total = total + options.relation_weight * relation_loss(now, features.before);
  double quantization = 0;
  if (options.quantization_weight > 0) {
    const torch::Tensor loss = quantization_loss(labelled);
    quantization = loss.item<double>();
    total = total + options.quantization_weight * loss;
  }
  return {total, identity.item<double>(), category.item<double>(), retention.item<double>(), quantization};
}

double Trainer::learning_rate(std::size_t steps_per_epoch) const {
  const bool rests = joint_ && options_.joint_feature_rate == 0;
  const double total =
      static_cast<double>(steps_per_epoch) * (options_.epochs - (rests ? options_.joint_epochs : 0));
  const double warm_up = std::min(1.0, static_cast<double>(steps_done_ + 1) / kWarmUpSteps);
  const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * static_cast<double>(steps_done_) / total));
  return options_.learning_rate * warm_up * cosine;
}

void Trainer::learn_features(double share, std::size_t steps_per_epoch) {
  set_learning_rate(*optimizer_, share * learning_rate(steps_per_epoch));
  torch::nn::utils::clip_grad_norm_(tensors_of(learned()), kMaxGradientNorm);
  optimizer_->step();
  ++steps_done_;
}

bool Trainer::run_epoch(int epoch, const TrainingCallbacks& callbacks, EpochFigures& figures) {
  const bool is_joint = joint_ && epoch <= options_.joint_epochs;
  const double feature_share = is_joint ? options_.joint_feature_rate : 1;
  for (torch::Tensor& parameter : tensors_of(learned())) parameter.requires_grad_(feature_share > 0);
  EpochBatches batches(pool_, is_joint ? joint_options_ : options_, static_cast<std::uint64_t>(epoch),
                       plan(epoch));
  const std::size_t num_joint_steps =
      batches.num_batches() * static_cast<std::size_t>(std::max(options_.joint_epochs, 1));
  figures.epoch = epoch;
  for (std::size_t i = 0; i < batches.num_batches(); ++i) {
    if (callbacks.should_stop && callbacks.should_stop()) return false;
    const Batch batch = on_device(batches.next(), network_->device());
    const double progress = joint_ ? joint_->progress(num_joint_steps) : 0;
    const Losses losses = is_joint ? compute_joint_losses(batch, progress) : compute_losses(batch);
    const double loss = losses.total.item<double>();
    if (!std::isfinite(loss)) {
      throw Error(ErrorCode::kInternal, "training diverged: the loss is not finite at batch " +
                                            std::to_string(i + 1) + " of epoch " + std::to_string(epoch) +
                                            "; resume from the last checkpoint with a lower learning rate");
    }
    optimizer_->zero_grad();
    if (is_joint) joint_->zero_gradients();
    losses.total.backward();
    if (is_joint) joint_->step(progress);
    if (feature_share > 0) learn_features(feature_share, batches.num_batches());
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
  return average_of(initial_, network_, options_.initial_share);
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
  save_parameters(learned(), *optimizer_, checkpoint);
  if (joint_) joint_->save_state(checkpoint);
}

void Trainer::load_state(const Checkpoint& checkpoint) {
  steps_done_ = checkpoint.steps_done;
  load_parameters(learned(), checkpoint, steps_done_, options_.checkpoint, *optimizer_);
  if (joint_) joint_->load_state(checkpoint);
  if (options_.patience == 0) return;
  for (const auto& [name, parameter] : learned())
    best_[name] = saved_tensor(checkpoint, "best." + name, parameter, options_.checkpoint).clone();
}

}  // namespace vitrine::training
