// SPDX-License-Identifier: MIT
#include "engine/model_check.h"

#include <string>

#include "vitrine/error.h"

namespace vitrine::engine {

void check_model(const Catalog& catalog, const ModelInfo& model) {
  const CatalogIdentity& identity = catalog.identity();
  const auto compare = [&](const std::string& what, const std::string& expected, const std::string& found) {
    if (expected == found) return;
    throw Error(ErrorCode::kInvalidArgument,
                "cannot use model '" + model.name + "' with catalogue '" + catalog.folder().string() +
                    "': expected " + what + " " + expected + " (model '" + identity.model_name +
                    "'), found " + found + "; use the catalogue's own model or make a new catalogue");
  };
  compare("fingerprint", identity.model_fingerprint, model.fingerprint);
  compare("code length in bits", std::to_string(identity.code_bits), std::to_string(model.code_bits));
  compare("feature dimension", std::to_string(identity.feature_dim), std::to_string(model.feature_dim));
}

}  // namespace vitrine::engine
