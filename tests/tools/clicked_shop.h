// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "tools/workspace.h"

namespace vitrine::test {

/// Pictures of six things, each photographed several times with other noise, and a list of photos of them.
/// Every picture is a listing of its own in the catalogue, whose attribute `identity` says what it shows.
class ClickedShop : public Workspace {
 public:
  ClickedShop();

  ProcessResult simulate(const std::string& log, const std::vector<std::string>& more = {}) const;
  ProcessResult mine(const std::string& log, const std::vector<std::string>& more = {}) const;
  ProcessResult group(const std::string& log, const std::vector<std::string>& more = {}) const;

 private:
  ProcessResult run_with(const std::string& tool, std::vector<std::string> arguments,
                         const std::vector<std::string>& more) const;
  void add_noisy_picture(const std::string& name, int thing, int noise) const;
};

}  // namespace vitrine::test
