// SPDX-License-Identifier: MIT
#pragma once
/// LibTorch brings glog, whose CHECK looks like Catch's and never fails a test. Hence this order.
#include "training/torch.h"
#undef CHECK
#include <catch2/catch.hpp>
