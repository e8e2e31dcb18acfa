// SPDX-License-Identifier: MIT
#include "ranking/simulated_shop.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "index/random.h"

namespace vitrine::benchmarks {
namespace {

constexpr std::uint64_t kProductStream = std::uint64_t{1} << 40;

std::map<std::string, double> columns_of(double quality, double product_price, Random& random) {
  std::array<float, 6> noise{};
  random.fill_normal(noise);
  std::map<std::string, double> columns;
  if (random.uniform() >= 0.1) columns["sales"] = std::round(std::exp(3 + quality + 0.8 * noise[0]));
  columns["conversion"] = 0.03 * std::exp(0.5 * quality + 0.5 * noise[1]);
  if (random.uniform() >= 0.25)
    columns["rating"] = std::min(5.0, std::round(10 * (4 + 0.4 * quality + 0.5 * noise[2])) / 10);
  columns["price"] = product_price * std::exp(-0.25 * quality + 0.3 * noise[3]);
  columns["age_days"] = std::round(100 * std::exp(noise[4]));
  columns["stock"] = std::round(50 * std::exp(noise[5]));
  columns["currency"] = 978;
  return columns;
}

}  // namespace

HiddenQuality make_market(const std::filesystem::path& catalog_folder, std::uint64_t seed) {
  Catalog catalog = Catalog::open(catalog_folder, Catalog::Mode::kReadWrite);
  std::vector<ItemId> ids;
  catalog.for_each_row([&](const Catalog::Row& row) { ids.push_back(row.id); });
  std::map<std::string, double> product_prices;
  HiddenQuality hidden;
  for (const ItemId id : ids) {
    Item item = catalog.item(id).value();
    const auto [price, is_new] = product_prices.emplace(item.key.product, 0);
    if (is_new) {
      std::array<float, 2> normal{};
      Random(seed, kProductStream + product_prices.size()).fill_normal(normal);
      price->second = 3 * std::exp(0.7 * normal[0]);
    }
    Random random(seed, id);
    std::array<float, 2> quality{};
    random.fill_normal(quality);
    hidden[id] = quality[0];
    item.quality = columns_of(quality[0], price->second, random);
    catalog.update_metadata(id, item);
  }
  catalog.commit();
  return hidden;
}

}  // namespace vitrine::benchmarks
