// SPDX-License-Identifier: MIT
#include "clicks/marketplace.h"

#include <algorithm>
#include <array>

#include "vitrine/click_log.h"

namespace vitrine::test {
namespace {

/// A product is a pair of colours; its pictures differ a little.
Image product_picture(std::size_t product, std::mt19937& random) {
  constexpr std::array<std::array<int, 3>, kProducts> kColours = {{{220, 30, 30},
                                                                   {30, 200, 30},
                                                                   {30, 30, 220},
                                                                   {210, 210, 30},
                                                                   {30, 200, 200},
                                                                   {200, 30, 200},
                                                                   {230, 120, 20},
                                                                   {110, 110, 110}}};
  std::vector<std::uint8_t> pixels;
  const int shift = static_cast<int>(random() % 31) - 15;
  for (int y = 0; y < 24; ++y)
    for (int x = 0; x < 24; ++x)
      for (const int channel : kColours[(product + (x < 12 ? 0 : 3)) % kProducts])
        pixels.push_back(
            static_cast<std::uint8_t>(std::clamp(channel + shift + static_cast<int>(random() % 9), 0, 255)));
  return {24, 24, std::move(pixels)};
}

}  // namespace

Marketplace::Marketplace() {
  std::mt19937 random(1);
  IngestSource source;
  for (std::size_t product = 0; product < kProducts; ++product) {
    for (std::size_t i = 0; i < kListings; ++i)
      source.entries.push_back({{name(product, i), "1.png"}, write(product, "i", i, random), {}, "{}", {}});
    for (std::size_t i = 0; i < kPhotos; ++i) photos_.push_back({write(product, "q", i, random), product});
  }
  ingest_source(source);
}

std::vector<ResultPage> Marketplace::pages(std::size_t num_shown) const {
  std::mt19937 random(2);
  std::vector<ResultPage> pages;
  for (const auto& [path, photographed] : photos_) {
    ResultPage page{path, {}};
    for (std::size_t product = 0; product < kProducts; ++product)
      for (std::size_t i = 0; i < kListings; ++i)
        page.entries.push_back({name(product, i) + "/1.png", product == photographed});
    std::shuffle(page.entries.begin(), page.entries.end(), random);
    page.entries.resize(num_shown);
    pages.push_back(std::move(page));
  }
  return pages;
}

std::filesystem::path Marketplace::simulated_log(const SimulationOptions& options,
                                                 std::size_t num_shown) const {
  ClickLogWriter writer(folder / "clicks.csv");
  simulate_clicks(pages(num_shown), options, [&](const PageView& view) { writer.write(view); });
  writer.close();
  return folder / "clicks.csv";
}

std::string Marketplace::name(std::size_t product, std::size_t listing) {
  return "p" + std::to_string(product) + "-" + std::to_string(listing);
}

std::string Marketplace::write(std::size_t product, const std::string& kind, std::size_t index,
                               std::mt19937& random) const {
  return folder.write(kind + name(product, index) + ".png", encode_png(product_picture(product, random)))
      .string();
}

}  // namespace vitrine::test
