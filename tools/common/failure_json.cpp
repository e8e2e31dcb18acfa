// SPDX-License-Identifier: MIT
#include "common/failure_json.h"

namespace vitrine::tools {

nlohmann::ordered_json failures_json(std::span<const IngestFailure> failures) {
  auto array = nlohmann::ordered_json::array();
  for (const IngestFailure& failure : failures)
    array.push_back({{"path", failure.path}, {"reason", failure.reason}});
  return array;
}

}  // namespace vitrine::tools
