// SPDX-License-Identifier: MIT
#include "vitrine/triplet_set.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>

#include "clicks/held_out.h"
#include "clicks/item_table.h"
#include "engine/text_attribute.h"
#include "training/random.h"
#include "vitrine/error.h"
#include "vitrine/triplets.h"

namespace vitrine {
namespace {

using clicks::ItemTable;

// An even sample of the file's triplets (algorithm R, Vitter 1985), in no particular order.
std::vector<Triplet> draw_triplets(TripletReader& reader, const TripletSetOptions& options,
                                   std::uint64_t& num_read) {
  std::vector<Triplet> drawn;
  training::Random random(options.seed);
  while (std::optional<Triplet> triplet = reader.next()) {
    ++num_read;
    if (drawn.size() < options.max_triplets) {
      drawn.push_back(std::move(*triplet));
    } else if (const std::uint64_t place = random() % num_read; place < drawn.size()) {
      drawn[place] = std::move(*triplet);
    }
  }
  return drawn;
}

// Collects each picture once: a photo searched with may be an item, too.
class SetBuilder {
 public:
  SetBuilder(const ItemTable& items, std::filesystem::path folder, double validation_share)
      : items_(items), folder_(std::move(folder)), validation_share_(validation_share) {}

  void add(const Triplet& triplet) {
    TrainingTriplet result;
    result.weight = triplet.weight;
    const std::optional<std::uint32_t> positive = find(triplet.positive);
    for (const std::string& name : triplet.negatives) {
      const std::optional<std::uint32_t> negative = find(name);
      if (!negative) continue;
      if (positive && items_.row(*negative).product_index == items_.row(*positive).product_index) {
        ++set_.num_same_product;
        continue;
      }
      result.negatives.push_back(*negative);
    }
    if (!positive || result.negatives.empty()) {
      ++set_.num_unusable;
      return;
    }
    for (std::size_t& negative : result.negatives) negative = item(static_cast<std::uint32_t>(negative));
    result.positive = item(*positive);
    result.held_out = clicks::is_held_out(triplet.query, validation_share_);
    result.query = photo(triplet.query, result.held_out);
    set_.triplets.push_back(std::move(result));
  }

  TripletSet take() { return std::move(set_); }

 private:
  std::optional<std::uint32_t> find(const std::string& key) {
    const auto rows = items_.find(key);
    if (rows.empty() || items_.row(rows.front()).key != key) {
      ++set_.num_unknown_items;
      return std::nullopt;
    }
    return rows.front();
  }

  std::filesystem::path normal(const std::filesystem::path& path) const {
    return (folder_ / path).lexically_normal();
  }

  // The place of the picture at `path`, in any spelling.
  std::size_t place_of(const std::filesystem::path& path) {
    const auto [it, is_new] = places_.emplace(normal(path).string(), set_.pictures.size());
    if (is_new) set_.pictures.push_back({.path = it->first, .product = {}, .category = {}});
    return it->second;
  }

  std::size_t item(std::uint32_t row) {
    const auto [it, is_new] = items_placed_.emplace(row, 0);
    if (!is_new) return it->second;
    const Item item = items_.item(row);
    it->second = place_of(item.path);
    if (!set_.pictures[it->second].product.empty()) {  // another item shows the same file
      it->second = set_.pictures.size();
      set_.pictures.push_back({.path = normal(item.path), .product = {}, .category = {}});
    }
    TrainingPicture& picture = set_.pictures[it->second];
    picture.product = item.key.product;
    picture.category = item.category;
    picture.shop_picture = engine::text_attribute(item.attributes_json, "role") == "shop";
    picture.split = Split::kTrain;
    return it->second;
  }

  std::size_t photo(const std::string& query, bool is_held_out) {
    const std::size_t before = set_.pictures.size();
    const std::size_t place = place_of(query);
    if (place == before && is_held_out) set_.pictures[place].split = Split::kValidation;
    return place;
  }

  const ItemTable& items_;
  const std::filesystem::path folder_;
  const double validation_share_;
  TripletSet set_;
  std::unordered_map<std::string, std::size_t> places_;
  std::unordered_map<std::uint32_t, std::size_t> items_placed_;
};

std::string counts_of(const TripletSet& set) {
  return std::to_string(set.num_read) + " were read, " + std::to_string(set.num_unknown_items) +
         " times they name an item that the catalogue does not have, " +
         std::to_string(set.num_same_product) + " negatives are of the positive's own product";
}

}  // namespace

void TripletSetOptions::validate() const {
  if (!(validation_share >= 0 && validation_share <= 0.9)) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot read triplets: validation_share must lie between 0 and 0.9, found " +
                    std::to_string(validation_share));
  }
  if (max_triplets == 0)
    throw Error(ErrorCode::kInvalidArgument, "cannot read triplets: max_triplets must be above 0");
}

TripletSet read_triplet_set(const std::filesystem::path& file, const Catalog& catalog,
                            const TripletSetOptions& options) {
  options.validate();
  TripletReader reader(file);
  std::uint64_t num_read = 0;
  const std::vector<Triplet> drawn = draw_triplets(reader, options, num_read);
  const ItemTable items(catalog);
  SetBuilder builder(items, std::filesystem::absolute(file).parent_path(), options.validation_share);
  for (const Triplet& triplet : drawn) builder.add(triplet);
  TripletSet set = builder.take();
  set.num_read = num_read;
  set.num_not_drawn = num_read - drawn.size();
  if (set.triplets.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "cannot learn from '" + file.string() +
                                                 "' with the catalogue '" + catalog.folder().string() +
                                                 "': no triplet is usable; " + counts_of(set));
  }
  return set;
}

void add_labelled(TripletSet& set, std::vector<TrainingPicture> labelled) {
  for (TrainingPicture& picture : labelled) {
    if (picture.split == Split::kTrain) picture.split = Split::kGallery;
    set.pictures.push_back(std::move(picture));
  }
}

}  // namespace vitrine
