// SPDX-License-Identifier: MIT
#include "tools/workspace.h"

#include <stdlib.h>

#include <array>
#include <random>
#include <stdexcept>
#include <utility>

#include "tools/random_model.h"
#include "tools/text_file.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

fs::path make_temporary_folder() {
  std::string pattern = (fs::temp_directory_path() / "vitrine-tools-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("cannot make a temporary folder");
  }
  fs::permissions(pattern, fs::perms(0755));
  return pattern;
}

// Writing a model takes longer than most tests, so they share two.
class Models {
 public:
  Models()
      : folder_(make_temporary_folder()),
        paths_{folder_ / "model-0.safetensors", folder_ / "model-1.safetensors"} {
    write_random_model(paths_[0], "random model 0", 1);
    write_random_model(paths_[1], "random model 1", 2);
  }
  ~Models() { fs::remove_all(folder_); }
  const fs::path& path(std::size_t index) const { return paths_.at(index); }

 private:
  fs::path folder_;
  std::array<fs::path, 2> paths_;
};

}  // namespace

const fs::path& test_model(std::size_t index) {
  static const Models models;
  return models.path(index);
}

fs::path tool_path(const std::string& tool) {
  return fs::path(VITRINE_TOOLS_FOLDER) / tool;
}

Image test_image(std::uint64_t seed, int side_px) {
  constexpr int kSquares = 4;
  std::mt19937_64 random(seed);
  std::array<std::uint8_t, kSquares * kSquares * 3> colours{};
  for (std::uint8_t& colour : colours) {
    colour = static_cast<std::uint8_t>(random());
  }
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < side_px; ++y) {
    for (int x = 0; x < side_px; ++x) {
      const int square = y * kSquares / side_px * kSquares + x * kSquares / side_px;
      for (int c = 0; c < 3; ++c) {
        pixels.push_back(
            static_cast<std::uint8_t>(colours[static_cast<std::size_t>(square * 3 + c)] ^ (random() & 3)));
      }
    }
  }
  return Image(side_px, side_px, std::move(pixels));
}

Workspace::Workspace() : folder_(make_temporary_folder()) {}

Workspace::~Workspace() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void Workspace::add_picture(const std::string& name, std::uint64_t seed, int side_px) const {
  const Image image = test_image(seed, side_px);
  write_file(folder_ / name,
             fs::path(name).extension() == ".png" ? encode_png(image) : encode_jpeg(image, 95));
}

void Workspace::add_shop() const {
  add_picture("shop/fruit/apple.jpg", 1);
  add_picture("shop/fruit/pear.png", 2);
  add_picture("shop/fruit/plum.jpg", 3);
  add_picture("shop/tools/hammer.jpg", 4);
  add_picture("shop/tools/saw.png", 5);
  add_picture("shop/loose.png", 6);
}

ProcessOptions Workspace::prepared(ProcessOptions options) const {
  if (options.folder.empty()) {
    options.folder = folder_;
  }
  options.environment.emplace("VITRINE_MODEL", test_model().string());
  return options;
}

ProcessResult Workspace::run(const std::string& tool, const std::vector<std::string>& arguments,
                             ProcessOptions options) const {
  Process process(tool_path(tool), arguments, prepared(std::move(options)));
  ProcessResult result = process.wait();
  result.out = normalised(std::move(result.out));
  result.err = normalised(std::move(result.err));
  return result;
}

std::string Workspace::normalised(std::string text) const {
  for (std::size_t at = text.find(folder_.string()); at != std::string::npos;
       at = text.find(folder_.string(), at)) {
    text.replace(at, folder_.string().size(), "$W");
  }
  for (const std::string unit : {" s, ", " pictures/s"}) {
    const std::size_t end = text.find(unit);
    const std::size_t before = end == std::string::npos ? end : text.find_last_not_of("0123456789.", end - 1);
    if (before != std::string::npos && before + 1 < end) {
      text.replace(before + 1, end - before - 1, "N");
    }
  }
  return text;
}

}  // namespace vitrine::test
