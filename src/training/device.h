// SPDX-License-Identifier: MIT
#pragma once
#include "training/torch.h"
#include "vitrine/training.h"

namespace vitrine::training {

/// The device that computes; pictures are prepared on the processor in any case. kInvalidArgument if it is
/// asked for and not there.
torch::Device find_device(ComputeDevice wanted);

}  // namespace vitrine::training
