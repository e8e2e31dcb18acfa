// SPDX-License-Identifier: MIT
// Lays a shop picture on a background, turned and scaled at random, so that there is a photo to search with
// and its exact box is known. Serves scripts/quickstart and experiments; not installed.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <random>

#include "common/command_line.h"
#include "common/output_file.h"
#include "common/tabletop.h"
#include "common/tool_main.h"
#include "synthesis/cutout.h"
#include "vitrine/image.h"

namespace vitrine::tools {
namespace {

using synthesis::Homography;

constexpr const char* kName = "vitrine-compose";

struct Arguments {
  std::string picture;
  std::string output = "composed.jpg";
  std::string background;
  std::uint64_t seed = 1;
};

CommandLine command_line(Arguments& arguments) {
  CommandLine line({kName, "lays a shop picture on a background", "PICTURE [options]",
                    R"(Prints where the product lies in the new picture, as --box of vitrine-query
takes it: x,y,width,height.

Example:
  vitrine-compose mug.png -o table.jpg --seed 7
)"});
  line.text("output,o", "FILE", arguments.output, "the JPEG to write");
  line.text("background", "FILE", arguments.background, "a photograph to use; default: a drawn wooden table");
  line.number("seed", "N", arguments.seed, {}, "another number gives another picture");
  return line;
}

// Where a product goes on the background: turned by up to 20 degrees, 35 to 55 % as large, somewhere inside.
Homography placement(const Image& background, const Image& product, std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform(0, 1);
  const double angle_rad = (2 * uniform(random) - 1) * 0.35;
  const double fit = std::min(static_cast<double>(background.width_px()) / product.width_px(),
                              static_cast<double>(background.height_px()) / product.height_px());
  const double scale = fit * (0.35 + 0.2 * uniform(random));
  const double radius_px = std::hypot(product.width_px(), product.height_px()) * scale / 2;
  const auto inside = [&](int side_px) {
    const double room_px = std::max(0.0, side_px - 2 * radius_px);
    return (side_px - room_px) / 2 + room_px * uniform(random);
  };
  const double x = inside(background.width_px());
  const double y = inside(background.height_px());
  return Homography::translation(x, y)
      .after(Homography::rotation(angle_rad))
      .after(Homography::scaling(scale, scale))
      .after(Homography::translation(-product.width_px() / 2.0, -product.height_px() / 2.0));
}

// Pasting samples without smoothing, so a product much larger than its place is reduced first.
Image read_product(const std::string& path, int max_side_px) {
  const Image image = Image::read(path);
  const int longer_px = std::max(image.width_px(), image.height_px());
  if (longer_px <= max_side_px) {
    return image;
  }
  const double scale = static_cast<double>(max_side_px) / longer_px;
  return resize(image, std::max(1, static_cast<int>(image.width_px() * scale)),
                std::max(1, static_cast<int>(image.height_px() * scale)));
}

ExitCode run(const Arguments& arguments) {
  constexpr int kWidthPx = 1200;
  constexpr int kHeightPx = 900;
  std::mt19937_64 random(arguments.seed);
  Image picture = arguments.background.empty()
                      ? wooden_tabletop(kWidthPx, kHeightPx, arguments.seed)
                      : resize(Image::read(arguments.background), kWidthPx, kHeightPx);
  const synthesis::Cutout product =
      synthesis::cut_out_from_white(read_product(arguments.picture, kHeightPx / 2));
  const BoxPx box = synthesis::paste(product, placement(picture, product.image, random).inverse(), picture);
  if (box.empty()) {
    throw Error(ErrorCode::kCorrupt, "'" + arguments.picture + "' shows nothing but white");
  }
  const std::vector<std::byte> jpeg = encode_jpeg(picture, 92);
  OutputFile file(arguments.output);
  file.stream().write(reinterpret_cast<const char*>(jpeg.data()), static_cast<std::streamsize>(jpeg.size()));
  file.close();
  std::cout << box.x0 << ',' << box.y0 << ',' << box.width() << ',' << box.height() << '\n';
  return ExitCode::kDone;
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    if (words.size() != 1) throw UsageError("give one picture");
    arguments.picture = words.front();
    return run(arguments);
  });
}
