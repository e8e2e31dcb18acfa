// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/shop.h"
#include "vitrine/click_simulation.h"

namespace vitrine::test {

inline constexpr std::size_t kProducts = 8;
inline constexpr std::size_t kListings = 5;
inline constexpr std::size_t kPhotos = 4;

/// A shop that lists each product several times under different names, as sellers do, and photos of them.
class Marketplace : public Shop {
 public:
  Marketplace();

  /// What a search returns that puts the product's listings anywhere among the others.
  std::vector<ResultPage> pages(std::size_t num_shown = 16) const;
  std::filesystem::path simulated_log(const SimulationOptions& options, std::size_t num_shown = 16) const;

  std::string photo(std::size_t index) const { return photos_[index].first; }
  /// Of a listing, and of pictures: "i" and "q" before it in the names of their files.
  static std::string name(std::size_t product, std::size_t listing);

 private:
  std::string write(std::size_t product, const std::string& kind, std::size_t index,
                    std::mt19937& random) const;

  std::vector<std::pair<std::string, std::size_t>> photos_;
};

}  // namespace vitrine::test
