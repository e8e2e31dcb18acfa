// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "training/checkpoint.h"
#include "training/torch.h"

namespace vitrine::training {

/// What an optimiser learns, by the names that a checkpoint knows it by.
using NamedParameters = std::vector<std::pair<std::string, torch::Tensor>>;

/// The tensors alone, which share memory with the named ones.
std::vector<torch::Tensor> tensors_of(const NamedParameters& parameters);

/// Sets the step size of all parameters.
void set_learning_rate(torch::optim::AdamW& optimizer, double learning_rate);

/// Adds the parameters and their moments to a checkpoint.
void save_parameters(const NamedParameters& parameters, const torch::optim::AdamW& optimizer,
                     Checkpoint& checkpoint);

/// Sets parameters and moments as saved, after `steps_done` steps. Parameters that were never stepped have no
/// moments. kCorrupt, naming `path`, if a tensor is missing or of another shape.
void load_parameters(const NamedParameters& parameters, const Checkpoint& checkpoint, std::int64_t steps_done,
                     const std::filesystem::path& path, torch::optim::AdamW& optimizer);

/// The tensor `name` of a checkpoint, shaped like `like`. kCorrupt, naming `path`, if there is none.
torch::Tensor saved_tensor(const Checkpoint& checkpoint, const std::string& name, const torch::Tensor& like,
                           const std::filesystem::path& path);

}  // namespace vitrine::training
