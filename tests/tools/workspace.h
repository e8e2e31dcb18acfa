// SPDX-License-Identifier: MIT
#pragma once
/// A folder of its own for a test, with pictures, models and the tools run inside it.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tools/process.h"
#include "vitrine/image.h"

namespace vitrine::test {

class Workspace {
 public:
  Workspace();
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

  /// Writes a picture that differs with `seed`, as JPEG or PNG by the extension of `name`.
  void add_picture(const std::string& name, std::uint64_t seed, int side_px = 48) const;

  /// Six pictures below shop/: fruit/{apple,pear,plum}, tools/{hammer,saw} and loose.png.
  void add_shop() const;

  /// Runs a tool of the build in this folder with VITRINE_MODEL naming the first test model.
  ProcessResult run(const std::string& tool, const std::vector<std::string>& arguments,
                    ProcessOptions options = {}) const;
  /// As run(), without waiting.
  ProcessOptions prepared(ProcessOptions options) const;

  /// The output with this folder replaced by "$W" and times and rates by "N".
  std::string normalised(std::string text) const;

 private:
  std::filesystem::path folder_;
};

/// A picture of coloured squares that differs with `seed`.
Image test_image(std::uint64_t seed, int side_px);

/// A model shared by all tests of this program; `index` 0 or 1 gives different ones.
const std::filesystem::path& test_model(std::size_t index = 0);

std::filesystem::path tool_path(const std::string& tool);

}  // namespace vitrine::test
