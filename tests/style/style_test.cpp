// SPDX-License-Identifier: MIT
// Rules about the tree itself: what may include what, and that nothing is left out of the build.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
const fs::path kRoot = VITRINE_SOURCE_FOLDER;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> sources_below(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".h" || extension == ".cpp") found.push_back(entry.path());
  }
  return found;
}

// The first capture of every match.
std::set<std::string> all_matches(const std::string& text, const std::string& pattern) {
  std::set<std::string> found;
  const std::regex regex(pattern);
  for (auto it = std::sregex_iterator(text.begin(), text.end(), regex); it != std::sregex_iterator(); ++it) {
    found.insert((*it)[1]);
  }
  return found;
}

// Folder of src/ -> folders it declares after DEPENDS.
std::map<std::string, std::set<std::string>> declared_dependencies() {
  std::map<std::string, std::set<std::string>> result;
  for (const auto& entry : fs::directory_iterator(kRoot / "src")) {
    const std::string lists = read(entry.path() / "CMakeLists.txt");
    std::smatch match;
    const bool found = std::regex_search(lists, match, std::regex(R"(DEPENDS\s+([a-z\s]+))"));
    result[entry.path().filename()] = found ? all_matches(match[1], "([a-z]+)") : std::set<std::string>{};
  }
  return result;
}

}  // namespace

TEST_CASE("a folder of src includes only folders it declares") {
  const auto declared = declared_dependencies();
  REQUIRE(declared.size() >= 8);
  for (const fs::path& file : sources_below("src")) {
    const std::string folder = fs::relative(file, kRoot / "src").begin()->string();
    for (const std::string& used : all_matches(read(file), R"(#include "([a-z]+)/)")) {
      if (used == "vitrine" || used == folder) continue;
      INFO(file << " includes " << used);
      CHECK(declared.at(folder).contains(used));
    }
  }
}

TEST_CASE("declared dependencies have no cycle") {
  auto open = declared_dependencies();
  while (!open.empty()) {
    const auto free = std::find_if(open.begin(), open.end(), [&](const auto& entry) {
      return std::none_of(entry.second.begin(), entry.second.end(),
                          [&](const std::string& name) { return open.contains(name); });
    });
    REQUIRE(free != open.end());
    open.erase(free);
  }
}

TEST_CASE("public headers name no type of LibTorch, oneDNN, SQLite, Eigen or an image library") {
  for (const fs::path& file : sources_below("include")) {
    INFO(file);
    CHECK(all_matches(
              read(file),
              R"re(#include [<"]((torch|dnnl|oneapi|sqlite3|opencv2|jpeglib|png|nlohmann|Eigen)[./]))re")
              .empty());
  }
}

TEST_CASE("LibTorch is included in one place") {
  for (const fs::path& file : sources_below("src")) {
    if (file.filename() == "torch.h") continue;
    INFO(file);
    CHECK(all_matches(read(file), "#include <(torch/torch.h)>").empty());
  }
}

TEST_CASE("every source file says its licence in the first line") {
  for (const char* folder : {"include", "src", "tools", "tests", "benchmarks"}) {
    for (const fs::path& file : sources_below(folder)) {
      INFO(file);
      CHECK(read(file).starts_with("// SPDX-License-Identifier: MIT\n"));
    }
  }
}

TEST_CASE("every source file is named in the CMake list of its module") {
  for (const char* folder : {"src", "tools", "tests", "benchmarks"}) {
    for (const fs::path& file : sources_below(folder)) {
      if (file.extension() != ".cpp") continue;
      const fs::path own = file.parent_path() / "CMakeLists.txt";
      const std::string lists =
          read(fs::exists(own) ? own : file.parent_path().parent_path() / "CMakeLists.txt");
      INFO(file);
      CHECK(lists.find(file.filename().string()) != std::string::npos);
    }
  }
}
