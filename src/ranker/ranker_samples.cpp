// SPDX-License-Identifier: MIT
#include "ranker/ranker_samples.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <deque>
#include <unordered_map>
#include <utility>

#include "clicks/view_stream.h"
#include "rank/ranker_features.h"
#include "vitrine/embed_pictures.h"
#include "vitrine/error.h"
#include "vitrine/rerank.h"

namespace vitrine::ranker {
namespace {

// Whether a session judges: by its name, so that all its views do.
bool is_held_back(const std::string& session, const TrainRankerOptions& options) {
  const std::uint64_t hash = XXH3_64bits_withSeed(session.data(), session.size(), options.seed);
  return static_cast<double>(hash >> 11) * 0x1p-53 < options.held_back_share;
}

double share_of_bits(std::span<const std::byte> left, std::span<const std::byte> right) {
  unsigned different = 0;
  for (std::size_t i = 0; i < left.size(); ++i)
    different += static_cast<unsigned>(std::popcount(std::to_integer<unsigned>(left[i] ^ right[i])));
  return different / (8.0 * static_cast<double>(left.size()));
}

/// Adds the views of one photo after the other.
class SampleMaker {
 public:
  SampleMaker(const clicks::ItemTable& items, const ItemColumns& columns, RankerTarget target)
      : items_(items), columns_(columns), target_(target) {
    for (Samples* part : {&split_.training, &split_.held_back})
      part->num_features = rank::num_features(columns.scales().scales.size());
  }

  void add(const View& view, const Embedding& photo) {
    Samples& samples = view.is_held_back ? split_.held_back : split_.training;
    samples.view_begins.push_back(samples.size());
    std::vector<RankerInput> page;
    for (const Shown& shown : view.items) {
      page.push_back(input_of(shown, photo));
      const bool is_right = target_ == RankerTarget::kClick ? shown.clicked : shown.bought;
      samples.labels.push_back(is_right ? 1.0F : 0.0F);
      samples.clicked.push_back(shown.clicked);
      samples.weights.push_back(1);
      samples.positions.push_back(shown.position);
    }
    const std::vector<float> features = rank::page_features(page, columns_.scales().scales);
    samples.features.insert(samples.features.end(), features.begin(), features.end());
  }

  SplitSamples take() {
    for (Samples* part : {&split_.training, &split_.held_back}) part->view_begins.push_back(part->size());
    return std::move(split_);
  }

 private:
  // Of a product's pictures the nearest one, which is what the page will have shown.
  RankerInput input_of(const Shown& shown, const Embedding& photo) const {
    std::uint32_t nearest = 0;
    double best = -2;  // below every cosine
    for (const std::uint32_t row : shown.rows) {
      const double cosine = dot(photo.feature, items_.row(row).feature);
      if (cosine > best) {
        best = cosine;
        nearest = row;
      }
    }
    return {best, share_of_bits(photo.code, items_.row(nearest).code), columns_.of(nearest)};
  }

  const clicks::ItemTable& items_;
  const ItemColumns& columns_;
  RankerTarget target_;
  SplitSamples split_;
};

}  // namespace

ViewLog read_views(const clicks::ItemTable& items, std::span<const std::filesystem::path> logs,
                   const TrainRankerOptions& options, RankerReport& report) {
  clicks::ViewStream stream(
      logs, options.root,
      [&](const Dropped& dropped) {
        if (dropped.reason == DropReason::kMalformedLine)
          report.failures.push_back({dropped.place, dropped.detail});
      },
      {}, true);
  std::unordered_map<std::string, std::uint32_t> photo_numbers;
  ViewLog log;
  std::deque<View> last;
  while (const std::optional<clicks::LocatedView> located = stream.next()) {
    View view;
    view.is_held_back = is_held_back(located->view.session, options);
    for (const ShownItem& shown : located->view.items) {
      const std::span<const std::uint32_t> rows = items.find(shown.item);
      // A photo that is in the catalogue finds itself, which nobody would buy twice.
      const bool is_query = rows.size() == 1 && items.item(rows.front()).path == located->photo;
      report.num_unknown_items += rows.empty() ? 1 : 0;
      if (!rows.empty() && !is_query)
        view.items.push_back({rows, shown.position, shown.clicked, shown.bought.value_or(false)});
      log.has_purchases = log.has_purchases || shown.bought.value_or(false);
    }
    if (view.items.empty()) continue;
    const auto [photo, is_new] =
        photo_numbers.emplace(located->photo, static_cast<std::uint32_t>(log.photos.size()));
    if (is_new) log.photos.push_back(located->photo);
    view.photo = photo->second;
    last.push_back(std::move(view));
    if (last.size() > options.max_views) last.pop_front();
  }
  log.views.assign(std::make_move_iterator(last.begin()), std::make_move_iterator(last.end()));
  return log;
}

ItemColumns::ItemColumns(const clicks::ItemTable& items, std::span<const std::string> columns) {
  std::vector<std::vector<std::optional<double>>> values(columns.size());
  for (std::uint32_t row = 0; row < items.size(); ++row) {
    const Item item = items.item(row);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto found = item.quality.find(columns[i]);
      values[i].push_back(found == item.quality.end() ? std::nullopt : std::optional(found->second));
    }
  }
  scales_ = fit_scales(columns, values);
  for (const ColumnScale& scale : scales_.scales) {
    const auto column = std::find(columns.begin(), columns.end(), scale.name);
    values_.push_back(std::move(values[static_cast<std::size_t>(column - columns.begin())]));
  }
}

std::vector<std::optional<double>> ItemColumns::of(std::uint32_t row) const {
  std::vector<std::optional<double>> values;
  for (const auto& column : values_) values.push_back(column[row]);
  return values;
}

SplitSamples make_samples(const clicks::ItemTable& items, const ItemColumns& columns,
                          const Embedder& embedder, const ViewLog& log, const TrainRankerOptions& options,
                          RankerReport& report) {
  std::vector<std::vector<const View*>> views_of_photo(log.photos.size());
  for (const View& view : log.views) views_of_photo[view.photo].push_back(&view);
  std::vector<std::string> photos;
  std::vector<std::span<const View* const>> views;
  for (std::size_t i = 0; i < log.photos.size(); ++i) {
    if (views_of_photo[i].empty()) continue;
    photos.push_back(log.photos[i]);
    views.push_back(views_of_photo[i]);
  }
  SampleMaker maker(items, columns, report.target);
  EmbedPicturesOptions embed_options;
  embed_options.num_threads = options.num_threads;
  embed_options.max_pixels = options.max_pixels;
  embed_options.should_stop = options.should_stop;
  embed_options.on_progress = [&](const IngestProgress& progress) {
    if (options.on_progress) options.on_progress({"photos", progress.num_done, photos.size()});
  };
  const auto take = [&](const EmbeddedPicture& picture) {
    if (!picture.failure.empty()) {
      report.failures.push_back({photos[picture.index], picture.failure});
      return;
    }
    for (const View* view : views[picture.index]) maker.add(*view, picture.embedding);
  };
  if (!embed_pictures(embedder, photos, take, embed_options))
    throw Error(ErrorCode::kResource, "the training of the ranker was stopped");
  return maker.take();
}

std::vector<double> click_rates(const Samples& samples, std::size_t num_positions) {
  std::vector<double> shown(num_positions), clicked(num_positions);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::size_t place = std::min(samples.positions[i], num_positions) - 1;
    ++shown[place];
    clicked[place] += samples.clicked[i] ? 1 : 0;
  }
  for (std::size_t i = 0; i < num_positions; ++i) clicked[i] = shown[i] > 0 ? clicked[i] / shown[i] : 0;
  return clicked;
}

void weigh(const PositionShares& shares, Samples& samples) {
  // Nothing is so far down that nobody ever looks.
  constexpr double kLeast = 0.001;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (samples.clicked[i]) continue;
    const std::size_t place = shares.place_of(samples.positions[i]);
    const double e = shares.examined[place], c = shares.clicked[place];
    samples.weights[i] = static_cast<float>(c < 1 ? std::clamp((e - c) / (1 - c), kLeast, 1.0) : kLeast);
  }
}

}  // namespace vitrine::ranker
