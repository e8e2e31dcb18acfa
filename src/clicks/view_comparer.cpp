// SPDX-License-Identifier: MIT
#include "clicks/view_comparer.h"

#include <algorithm>
#include <utility>

#include "clicks/last_examined.h"
#include "vitrine/rerank.h"

namespace vitrine::clicks {
namespace {

constexpr std::size_t kRandomPairsPerView = 4;

using Floats = std::vector<std::vector<float>>;

/// The side of a comparison that is used many times.
Floats to_floats(const Description& description) {
  Floats floats;
  for (const std::vector<Half>& feature : description.features) floats.push_back(to_float(feature));
  return floats;
}

RawDistances raw_distances(const Floats& a, const Description& b) {
  RawDistances raw{};
  for (std::size_t f = 0; f < a.size(); ++f) raw[f] = 1 - dot(a[f], b.features[f].data());
  return raw;
}

}  // namespace

/// A view whose items are being chosen, with what the distances come from.
struct ViewComparer::Described {
  ComparedView view;
  std::shared_ptr<const Description> photo;
  std::vector<std::shared_ptr<const Description>> items;  ///< as many as the view's items
};

std::vector<ViewComparer::Described> ViewComparer::describe(std::span<const LocatedView> views,
                                                            const ViewStream::DropSink& on_dropped,
                                                            CalibrationSampler* sampler) {
  std::vector<Picture> photos;
  for (const LocatedView& view : views) photos.push_back({view.photo, 0});
  const auto photo_descriptions = describer_.describe(photos);
  std::vector<Described> described;
  std::vector<Picture> pictures;
  for (std::size_t i = 0; i < views.size(); ++i) {
    const std::shared_ptr<const Description>& photo = photo_descriptions[i];
    if (!photo->failure.empty()) {
      on_dropped({DropReason::kUnreadableQuery, views[i].place, views[i].view.query, {}, {}, photo->failure});
      continue;
    }
    described.push_back({{views[i].place, views[i].view.query, views[i].photo, {}, {}}, photo, {}});
    if (sampler != nullptr) add_impressions(views[i].view, *photo, *sampler);
    select_items(views[i], described.back(), on_dropped);
    for (const ComparedItem& item : described.back().view.items) pictures.push_back({{}, item.row});
  }
  const auto item_descriptions = describer_.describe(pictures);
  auto next = item_descriptions.begin();
  for (Described& view : described) {
    std::vector<ComparedItem> readable;
    for (ComparedItem& item : view.view.items) {
      const std::shared_ptr<const Description>& description = *next++;
      if (!description->failure.empty()) {
        on_dropped({DropReason::kUnreadableItem,
                    view.view.place,
                    view.view.query,
                    item.name,
                    {},
                    description->failure});
        continue;
      }
      if (item.clicked) view.view.clicks.push_back(readable.size());
      readable.push_back(std::move(item));
      view.items.push_back(description);
    }
    view.view.items = std::move(readable);
  }
  return described;
}

void ViewComparer::select_items(const LocatedView& located, Described& described,
                                const ViewStream::DropSink& on_dropped) {
  const PageView& view = located.view;
  const std::size_t last = last_examined(view, examined_below_last_click_);
  for (std::size_t i = 0; i < view.items.size(); ++i) {
    const ShownItem& shown = view.items[i];
    const auto drop = [&](DropReason reason) {
      on_dropped({reason, located.place, view.query, shown.item, {}, {}});
    };
    const std::span<const std::uint32_t> rows = items_.find(shown.item);
    if (rows.empty()) {
      drop(DropReason::kUnknownItem);
      continue;
    }
    if (i > last) {
      drop(DropReason::kNotExamined);
      continue;
    }
    const std::uint32_t row = most_alike(rows, *described.photo);
    if (items_.item(row).path == located.photo) {
      drop(DropReason::kQueryItself);
      continue;
    }
    described.view.items.push_back({row,
                                    items_.row(row).product_index,
                                    shown.item,
                                    shown.position,
                                    shown.clicked,
                                    shown.same_product,
                                    {},
                                    {}});
  }
}

/// A result page shows the picture of a product that fits the photo best.
std::uint32_t ViewComparer::most_alike(std::span<const std::uint32_t> rows, const Description& photo) const {
  if (rows.size() == 1) return rows.front();
  const std::vector<float> feature = to_float(photo.features.front());
  const auto cosine = [&](std::uint32_t row) { return dot(feature, items_.row(row).feature); };
  return *std::max_element(rows.begin(), rows.end(),
                           [&](std::uint32_t a, std::uint32_t b) { return cosine(a) < cosine(b); });
}

void ViewComparer::add_impressions(const PageView& view, const Description& photo,
                                   CalibrationSampler& sampler) const {
  const std::vector<float> feature = to_float(photo.features.front());
  for (const ShownItem& shown : view.items) {
    const std::span<const std::uint32_t> rows = items_.find(shown.item);
    if (rows.empty()) continue;
    const double distance = 1 - dot(feature, items_.row(most_alike(rows, photo)).feature);
    sampler.impressions.push_back({shown.position, distance, shown.clicked});
  }
}

void ViewComparer::sample_pairs(std::span<const Described> views, CalibrationSampler& sampler) {
  const auto draw = [&](const auto& from) -> const auto& {
    return from[sampler.random() % from.size()];
  };
  for (const Described& view : views) {
    const Floats photo = to_floats(*view.photo);
    for (std::size_t i = 0; i < kRandomPairsPerView; ++i) {
      const Description& item = *draw(draw(views).items);
      const Floats own = to_floats(*draw(view.items));
      sampler.pairs[static_cast<std::size_t>(PairKind::kPhotoItem)].push_back(raw_distances(photo, item));
      sampler.pairs[static_cast<std::size_t>(PairKind::kItemItem)].push_back(raw_distances(own, item));
    }
  }
}

std::vector<ComparedView> ViewComparer::compare(std::span<const LocatedView> views,
                                                const ViewStream::DropSink& on_dropped,
                                                CalibrationSampler* sampler) {
  std::vector<Described> described = describe(views, on_dropped, sampler);
  std::erase_if(described, [](const Described& view) { return view.items.empty(); });
  if (sampler != nullptr) sample_pairs(described, *sampler);
  std::vector<ComparedView> compared;
  for (Described& one : described) {
    const Floats photo = to_floats(*one.photo);
    std::vector<Floats> clicks;
    for (const std::size_t click : one.view.clicks) clicks.push_back(to_floats(*one.items[click]));
    for (std::size_t i = 0; i < one.items.size(); ++i) {
      ComparedItem& item = one.view.items[i];
      item.to_photo = raw_distances(photo, *one.items[i]);
      for (const Floats& click : clicks) item.to_clicks.push_back(raw_distances(click, *one.items[i]));
    }
    compared.push_back(std::move(one.view));
  }
  return compared;
}

}  // namespace vitrine::clicks
