// SPDX-License-Identifier: MIT
#pragma once
/// The only place that includes LibTorch: it costs 13 s and 1.1 GB a translation unit.
#include <torch/torch.h>
