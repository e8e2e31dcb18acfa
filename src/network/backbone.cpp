// SPDX-License-Identifier: MIT
#include "network/backbone.h"

#include <array>

#include "network/safetensors.h"
#include "vitrine/error.h"

namespace vitrine::network {
namespace {

std::array<const Backbone*, 2> backbones() {
  return {&mobilenet_v2(), &googlenet()};
}

}  // namespace

const Backbone* find_backbone(std::string_view architecture) {
  for (const Backbone* backbone : backbones())
    if (backbone->architecture == architecture) return backbone;
  return nullptr;
}

std::string known_architectures(const char* conjunction) {
  std::string names;
  for (const Backbone* backbone : backbones()) {
    if (!names.empty()) names += std::string(" ") + conjunction + " ";
    names += "'" + backbone->architecture + "'";
  }
  return names;
}

const Backbone& backbone_of(const SafetensorsFile& file) {
  const auto named = file.metadata().find("architecture");
  if (named != file.metadata().end()) {
    if (const Backbone* backbone = find_backbone(named->second)) return *backbone;
  }
  for (const Backbone* backbone : backbones())
    if (file.contains(convolutions_of(backbone->blocks).front()->name + ".weight")) return *backbone;
  throw Error(ErrorCode::kUnsupported, "cannot use '" + file.path().string() +
                                           "': it holds the weights of neither " +
                                           known_architectures("nor") + " under torchvision's names");
}

}  // namespace vitrine::network
