// SPDX-License-Identifier: MIT
#pragma once
/// Failures and warnings in the JSON that tools print.
#include <nlohmann/json.hpp>
#include <span>

#include "vitrine/ingest.h"

namespace vitrine::tools {

/// An array of objects with `path` and `reason`.
nlohmann::ordered_json failures_json(std::span<const IngestFailure> failures);

}  // namespace vitrine::tools
