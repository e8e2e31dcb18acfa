// SPDX-License-Identifier: MIT
#pragma once
/// The commands of vitrine-admin that make and use a second catalogue by another model.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/exit_code.h"

namespace vitrine::tools {

struct ReembedOptions {
  std::filesystem::path model{};  ///< empty: the one that the standby has
  std::string precision = "auto";
  unsigned num_threads = 0;
  bool json = false;
};

/// Makes the standby of a catalogue, or brings it up to date, and prints what it lacks. Interrupted, it goes
/// on where it was. Whoever writes to the catalogue meanwhile is not disturbed.
ExitCode reembed(std::string_view tool, const std::string& catalog, const ReembedOptions& options);

/// Exchanges a catalogue and its standby and prints which model serves.
ExitCode switch_models(const std::string& catalog, bool anyway, bool json);

}  // namespace vitrine::tools
