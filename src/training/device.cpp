// SPDX-License-Identifier: MIT
#include "training/device.h"

#include "vitrine/error.h"

namespace vitrine::training {

torch::Device find_device(ComputeDevice wanted) {
  if (wanted == ComputeDevice::kCpu) return torch::kCPU;
  if (torch::cuda::is_available()) return torch::kCUDA;
  if (wanted == ComputeDevice::kAuto) return torch::kCPU;
  throw Error(
      ErrorCode::kInvalidArgument,
      "cannot train on a GPU: LibTorch finds none (Debian's libtorch has no CUDA; see docs/training.md); "
      "ask for 'auto' or 'cpu'");
}

}  // namespace vitrine::training
