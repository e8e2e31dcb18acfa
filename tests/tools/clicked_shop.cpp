// SPDX-License-Identifier: MIT
#include "tools/clicked_shop.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tools/text_file.h"

namespace vitrine::test {

ClickedShop::ClickedShop() {
  std::string listings = "path,product,picture,identity\n", photos = "path,product\n";
  for (int thing = 0; thing < 6; ++thing) {
    for (int i = 0; i < 6; ++i) {
      const std::string name = std::to_string(thing) + "-" + std::to_string(i);
      add_noisy_picture("shop/" + name + ".png", thing, i);
      add_noisy_picture("photos/" + name + ".png", thing, i + 100);
      listings += "shop/" + name + ".png,listing-" + name + ",1.png,thing-" + std::to_string(thing) + "\n";
      photos += "photos/" + name + ".png,thing-" + std::to_string(thing) + "\n";
    }
  }
  write_file(folder() / "listings.csv", listings);
  write_file(folder() / "photos.csv", photos);
  REQUIRE(run("vitrine-index", {"listings.csv", "-o", "shop.vitrine"}).exit_code == 0);
}

ProcessResult ClickedShop::simulate(const std::string& log, const std::vector<std::string>& more) const {
  return run_with(
      "vitrine-simulate-clicks",
      {"photos.csv", "--catalog", "shop.vitrine", "-o", log, "--identity", "identity", "-q", "--page", "30"},
      more);
}

ProcessResult ClickedShop::mine(const std::string& log, const std::vector<std::string>& more) const {
  return run_with("vitrine-mine", {log, "--catalog", "shop.vitrine", "-o", "triplets.jsonl", "-q"}, more);
}

ProcessResult ClickedShop::group(const std::string& log, const std::vector<std::string>& more) const {
  return run_with("vitrine-group-clicks", {log, "--catalog", "shop.vitrine", "-o", "list.csv", "-q"}, more);
}

ProcessResult ClickedShop::run_with(const std::string& tool, std::vector<std::string> arguments,
                                    const std::vector<std::string>& more) const {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(tool, arguments);
}

void ClickedShop::add_noisy_picture(const std::string& name, int thing, int noise) const {
  Image image = test_image(static_cast<std::uint64_t>(thing) + 50, 48);
  std::uint32_t state = static_cast<std::uint32_t>(thing * 1000 + noise);
  for (std::uint8_t& value : image.pixels()) {
    state = state * 1664525 + 1013904223;
    value = static_cast<std::uint8_t>(std::min(255U, value + (state >> 24) % 24));
  }
  write_file(folder() / name, encode_png(image));
}

}  // namespace vitrine::test
