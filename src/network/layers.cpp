// SPDX-License-Identifier: MIT
#include "network/layers.h"

namespace vitrine::network {

std::vector<const ConvolutionSpec*> convolutions_of(const std::vector<BlockSpec>& blocks) {
  std::vector<const ConvolutionSpec*> convolutions;
  for (const BlockSpec& block : blocks) {
    for (const BranchSpec& branch : block.branches)
      for (const ConvolutionSpec& spec : branch.convolutions) convolutions.push_back(&spec);
  }
  return convolutions;
}

}  // namespace vitrine::network
