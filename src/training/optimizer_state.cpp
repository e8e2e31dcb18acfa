// SPDX-License-Identifier: MIT
#include "training/optimizer_state.h"

#include <memory>

#include "vitrine/error.h"

namespace vitrine::training {
namespace {

std::string key_of(const torch::Tensor& parameter) {
  return c10::guts::to_string(parameter.unsafeGetTensorImpl());
}

}  // namespace

std::vector<torch::Tensor> tensors_of(const NamedParameters& parameters) {
  std::vector<torch::Tensor> tensors;
  for (const auto& [name, parameter] : parameters) tensors.push_back(parameter);
  return tensors;
}

void set_learning_rate(torch::optim::AdamW& optimizer, double learning_rate) {
  for (auto& group : optimizer.param_groups())
    static_cast<torch::optim::AdamWOptions&>(group.options()).lr(learning_rate);
}

void save_parameters(const NamedParameters& parameters, const torch::optim::AdamW& optimizer,
                     Checkpoint& checkpoint) {
  for (const auto& [name, parameter] : parameters) {
    checkpoint.tensors[name] = parameter;
    const auto state = optimizer.state().find(key_of(parameter));
    if (state == optimizer.state().end()) continue;
    const auto& moments = static_cast<const torch::optim::AdamWParamState&>(*state->second);
    checkpoint.tensors["moment1." + name] = moments.exp_avg();
    checkpoint.tensors["moment2." + name] = moments.exp_avg_sq();
  }
}

void load_parameters(const NamedParameters& parameters, const Checkpoint& checkpoint, std::int64_t steps_done,
                     const std::filesystem::path& path, torch::optim::AdamW& optimizer) {
  torch::NoGradGuard no_gradient;
  for (const auto& [name, parameter] : parameters) {
    torch::Tensor target = parameter;
    target.copy_(saved_tensor(checkpoint, name, parameter, path));
    if (checkpoint.tensors.count("moment1." + name) == 0) continue;
    auto moments = std::make_unique<torch::optim::AdamWParamState>();
    moments->step(steps_done);
    // empty_like keeps the memory format, which the saved values have lost.
    moments->exp_avg(
        torch::empty_like(parameter).copy_(saved_tensor(checkpoint, "moment1." + name, parameter, path)));
    moments->exp_avg_sq(
        torch::empty_like(parameter).copy_(saved_tensor(checkpoint, "moment2." + name, parameter, path)));
    optimizer.state()[key_of(parameter)] = std::move(moments);
  }
}

torch::Tensor saved_tensor(const Checkpoint& checkpoint, const std::string& name, const torch::Tensor& like,
                           const std::filesystem::path& path) {
  const auto it = checkpoint.tensors.find(name);
  if (it == checkpoint.tensors.end() || it->second.sizes() != like.sizes()) {
    throw Error(ErrorCode::kCorrupt,
                "cannot resume '" + path.string() + "': tensor '" + name +
                    "' is missing or has another shape; delete the checkpoint to start over");
  }
  return it->second;
}

}  // namespace vitrine::training
