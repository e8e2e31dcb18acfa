// SPDX-License-Identifier: MIT
#pragma once
/// The networks that a model can be built on, each one table.
#include <string>
#include <string_view>
#include <vector>

#include "network/layers.h"

namespace vitrine::network {

class SafetensorsFile;

/// Input `[n, 3, s, s]`, RGB as x / 127.5 - 1, s a multiple of 32; output
/// `[n, num_features, s / 32, s / 32]`, averaged over space by the caller.
struct Backbone {
  std::string architecture;  ///< its name in a model file
  std::vector<BlockSpec> blocks;
  int num_features = 0;
};

/// MobileNetV2 1.0 (Sandler et al., CVPR 2018), nineteen blocks, 1280 features. Names follow torchvision.
const Backbone& mobilenet_v2();

/// GoogLeNet, Inception V1 (Szegedy et al., CVPR 2015), with batch normalisation as in Ioffe and Szegedy
/// (ICML 2015), twelve blocks, 1024 features: the backbone of Visual Search at Alibaba (KDD 2018). Names and
/// sizes of kernels follow torchvision, whose third branch has 3 x 3 instead of 5 x 5; the first convolution
/// pads 2 and 3 pixels (layers.h), torchvision's 3 and 3.
const Backbone& googlenet();

/// Null if there is none of that name.
const Backbone* find_backbone(std::string_view architecture);

/// "'mobilenet_v2' and 'googlenet'", for messages.
std::string known_architectures(const char* conjunction = "and");

/// Whose weights the file holds: what its metadata say, if that is one of ours, or else the name of the first
/// convolution. kUnsupported, naming the file and what is known, if that is none of ours either.
const Backbone& backbone_of(const SafetensorsFile& file);

}  // namespace vitrine::network
