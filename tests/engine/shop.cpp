// SPDX-License-Identifier: MIT
#include "engine/shop.h"

#include <chrono>
#include <random>
#include <utility>

namespace vitrine::test {

Image seeded_picture(std::uint32_t seed) {
  std::mt19937 random(seed);
  const int width_px = 12 + static_cast<int>(random() % 9);
  const int height_px = 10;
  std::vector<std::uint8_t> pixels;
  std::uint8_t colors[2][3];
  for (auto& color : colors)
    for (std::uint8_t& channel : color) channel = static_cast<std::uint8_t>(random() % 256);
  for (int y = 0; y < height_px; ++y)
    for (int x = 0; x < width_px; ++x)
      for (const std::uint8_t channel : colors[x < width_px / 2 ? 0 : 1]) pixels.push_back(channel);
  return Image(width_px, height_px, std::move(pixels));
}

std::filesystem::path Shop::add_photo(std::string_view name, std::uint32_t seed) {
  const auto path = folder.write("photos/" + std::string(name), encode_png(seeded_picture(seed)));
  std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() -
                                             std::chrono::hours(1) + std::chrono::milliseconds(seed));
  return path;
}

Catalog Shop::open_or_create() const {
  if (std::filesystem::exists(catalog_path()))
    return Catalog::open(catalog_path(), Catalog::Mode::kReadWrite);
  const ModelInfo& info = embedder.info();
  return Catalog::create(catalog_path(), {info.fingerprint, info.name, info.code_bits, info.feature_dim});
}

IngestReport Shop::ingest_photos(const IngestOptions& options) const {
  return ingest_source(list_folder(photos()), options);
}

IngestReport Shop::ingest_source(const IngestSource& source, const IngestOptions& options) const {
  Catalog catalog = open_or_create();
  return ingest(catalog, embedder, source, options);
}

Content content_of(const Catalog& catalog) {
  Content content;
  catalog.for_each_row([&](const Catalog::Row& row) {
    const Item item = catalog.item(row.id).value();
    content[item.key] = {item.path, item.category, std::vector(row.code.begin(), row.code.end()),
                         std::vector(row.feature, row.feature + catalog.identity().feature_dim)};
  });
  return content;
}

std::vector<std::string> pictures_by_id(const Catalog& catalog) {
  std::vector<std::string> pictures;
  catalog.for_each_row(
      [&](const Catalog::Row& row) { pictures.push_back(catalog.item(row.id)->key.picture); });
  return pictures;
}

}  // namespace vitrine::test
