// SPDX-License-Identifier: MIT
#include "training/picture_pool.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "base/parallel.h"
#include "vitrine/error.h"

namespace vitrine::training {
namespace {

constexpr int kRimPx = 2;

Image read_small(const std::filesystem::path& path, int short_side_px) {
  DecodeOptions options;
  options.min_side_px = short_side_px;
  Image image = Image::read(path, options);
  const int side = std::min(image.width_px(), image.height_px());
  if (side <= short_side_px) return image;
  const double factor = static_cast<double>(short_side_px) / side;
  return resize(image, static_cast<int>(std::lround(image.width_px() * factor)),
                static_cast<int>(std::lround(image.height_px() * factor)));
}

network::RelativeBox relative_box(const BoxPx& box, const Image& image) {
  const double width_px = image.source_width_px();
  const double height_px = image.source_height_px();
  return {box.x0 / width_px, box.y0 / height_px, box.x1 / width_px, box.y1 / height_px};
}

// Product names with at least two training pictures, and category names, both sorted.
void collect_labels(const std::vector<TrainingPicture>& list, PicturePool& pool) {
  std::map<std::string, int> num_pictures;
  std::set<std::string> categories;
  for (const TrainingPicture& entry : list) {
    if (entry.split != Split::kTrain) continue;
    if (!entry.product.empty()) ++num_pictures[entry.product];
    if (!entry.category.empty()) categories.insert(entry.category);
  }
  for (const auto& [product, count] : num_pictures) {
    if (count >= 2) pool.products.push_back(product);
  }
  pool.categories.assign(categories.begin(), categories.end());
}

std::int64_t index_of(const std::vector<std::string>& sorted, const std::string& name) {
  const auto it = std::lower_bound(sorted.begin(), sorted.end(), name);
  return it != sorted.end() && *it == name ? it - sorted.begin() : -1;
}

}  // namespace

Image described_part(const PooledPicture& picture, double margin) {
  if (!picture.box) return picture.image;
  // Boxes are in source pixels.
  const int width_px = picture.image.source_width_px();
  const int height_px = picture.image.source_height_px();
  return crop(picture.image, network::with_margin(network::to_pixels(*picture.box, width_px, height_px),
                                                  margin, width_px, height_px));
}

Image central_part(const PooledPicture& picture, double share) {
  return crop(picture.image, network::central_part(share, picture.image.source_width_px(),
                                                   picture.image.source_height_px()));
}

PicturePool load_pictures(const std::vector<TrainingPicture>& list, int short_side_px, unsigned num_threads) {
  PicturePool pool;
  collect_labels(list, pool);
  std::vector<std::optional<PooledPicture>> loaded(list.size());
  std::vector<std::string> reasons(list.size());
  base::parallel_for(list.size(), num_threads, [&](std::size_t i) {
    try {
      PooledPicture picture;
      picture.image = read_small(list[i].path, short_side_px);
      picture.path = list[i].path;
      picture.list_index = i;
      picture.product = list[i].product;
      picture.product_index = index_of(pool.products, list[i].product);
      picture.category_index = index_of(pool.categories, list[i].category);
      picture.split = list[i].split;
      picture.shop_picture = list[i].shop_picture;
      if (list[i].true_box_px) picture.true_box = relative_box(*list[i].true_box_px, picture.image);
      if (picture.shop_picture) {
        picture.cutout = synthesis::cut_out_from_white(picture.image);
        soften_edge(picture.cutout, kRimPx);
      }
      loaded[i] = std::move(picture);
    } catch (const Error& error) {
      reasons[i] = error.what();
    }
  });
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (loaded[i]) {
      pool.pictures.push_back(std::move(*loaded[i]));
    } else {
      pool.failures.push_back({list[i].path.string(), reasons[i]});
    }
  }
  return pool;
}

}  // namespace vitrine::training
