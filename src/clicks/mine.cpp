// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <utility>

#include "clicks/calibration.h"
#include "clicks/item_table.h"
#include "clicks/picture_describer.h"
#include "clicks/view_comparer.h"
#include "clicks/view_filter.h"
#include "clicks/view_stream.h"
#include "engine/model_check.h"
#include "vitrine/clicks.h"

namespace vitrine {
namespace {

using clicks::Calibration;
using clicks::ComparedItem;
using clicks::ComparedView;
using clicks::ItemVerdict;
using clicks::LocatedView;
using clicks::ViewStream;

constexpr std::size_t kBatchViews = 256;

/// Reservoir of views, each view of the log as likely in it as any other (Vitter 1985, algorithm R).
class ViewSample {
 public:
  ViewSample(std::size_t capacity, std::uint64_t seed) : capacity_(capacity), random_(seed) {}

  void add(LocatedView view) {
    ++num_offered_;
    if (views_.size() < capacity_) {
      views_.push_back(std::move(view));
    } else if (const std::uint64_t place = random_() % num_offered_; place < capacity_) {
      views_[place] = std::move(view);
    }
  }
  std::span<const LocatedView> views() const { return views_; }

 private:
  std::size_t capacity_;
  std::mt19937_64 random_;
  std::uint64_t num_offered_ = 0;
  std::vector<LocatedView> views_;
};

void count_truth(Purity& purity, bool right) {
  ++purity.num_known;
  purity.num_right += right ? 1 : 0;
}

class Miner {
 public:
  Miner(const Catalog& catalog, const Embedder& embedder, std::span<const std::filesystem::path> logs,
        const MiningOptions& options, const MiningCallbacks& callbacks)
      : logs_(logs),
        options_(options),
        callbacks_(callbacks),
        items_(catalog),
        describer_(items_, embedder, options),
        comparer_(items_, describer_, options.examined_below_last_click) {
    report_.features = describer_.feature_names();
  }

  MiningReport run() {
    if (!read_sample() || !calibrate() || !filter()) report_.interrupted = true;
    return std::move(report_);
  }

 private:
  // Each of the three stages returns whether it was left to finish.

  bool read_sample() {
    ViewStream stream(logs_, options_.root, [](const Dropped&) {});
    while (std::optional<LocatedView> view = stream.next()) {
      sample_.add(std::move(*view));
      const double share = static_cast<double>(stream.bytes_read()) /
                           static_cast<double>(std::max<std::uint64_t>(stream.size_bytes(), 1));
      const auto estimate = static_cast<std::uint64_t>(static_cast<double>(stream.num_views()) / share);
      if (!go_on("reading", stream.num_views(), std::max(estimate, stream.num_views()))) return false;
    }
    num_views_ = stream.num_views();
    return true;
  }

  bool calibrate() {
    const std::span<const LocatedView> views = sample_.views();
    clicks::CalibrationSampler sampler{std::mt19937_64(options_.seed)};
    std::vector<ComparedView> compared;
    for (std::size_t begin = 0; begin < views.size(); begin += kBatchViews) {
      const auto batch = views.subspan(begin, std::min(kBatchViews, views.size() - begin));
      std::vector<ComparedView> part = comparer_.compare(
          batch, [](const Dropped&) {}, &sampler);
      std::move(part.begin(), part.end(), std::back_inserter(compared));
      if (!go_on("calibrating", begin + batch.size(), views.size())) return false;
    }
    if (compared.empty()) return true;  // nothing to learn from: the second pass says why
    note_single_product(compared);
    calibration_ = clicks::calibrate(compared, sampler, report_.features.size(), options_, report_);
    return true;
  }

  void note_single_product(std::span<const ComparedView> sample) {
    const std::uint32_t first = sample.front().items.front().product_index;
    for (const ComparedView& view : sample)
      for (const ComparedItem& item : view.items)
        if (item.product_index != first) return;
    report_.notes.push_back("every item shown is of the product '" + items_.product(first) +
                            "': there is nothing to tell it apart from");
  }

  bool filter() {
    ViewStream stream(
        logs_, options_.root, [this](const Dropped& dropped) { drop(dropped); },
        [this](const PageView& view) { count_positions(view); });
    std::vector<LocatedView> batch;
    const auto filter_batch = [&] {
      const auto on_dropped = [this](const Dropped& dropped) { drop(dropped); };
      for (const ComparedView& view : comparer_.compare(batch, on_dropped)) filter_view(view);
      batch.clear();
      return go_on("filtering", stream.num_views(), num_views_);
    };
    while (std::optional<LocatedView> view = stream.next()) {
      batch.push_back(std::move(*view));
      if (batch.size() == kBatchViews && !filter_batch()) return false;
    }
    if (!filter_batch()) return false;
    report_.num_views = stream.num_views();
    report_.num_clock_backwards = stream.num_clock_backwards();
    add_examination();
    return true;
  }

  void filter_view(const ComparedView& view) {
    if (!calibration_) return;
    const std::vector<ItemVerdict> verdicts = clicks::judge(view, calibration_->rule);
    std::vector<std::size_t> negatives;
    std::size_t num_positives = 0;
    for (std::size_t i = 0; i < view.items.size(); ++i) {
      const ComparedItem& item = view.items[i];
      count_purity(item, !verdicts[i].dropped);
      if (verdicts[i].dropped)
        drop({*verdicts[i].dropped, view.place, view.query, item.name, verdicts[i].distance, {}});
      else if (item.clicked)
        ++num_positives;
      else
        negatives.push_back(i);
    }
    report_.num_kept_clicks += num_positives;
    if (num_positives == 0) {
      drop({DropReason::kNoPositive, view.place, view.query, {}, {}, {}});
      return;
    }
    for (const std::size_t click : view.clicks) {
      if (verdicts[click].dropped) continue;
      if (negatives.empty())
        drop({DropReason::kNoNegative, view.place, view.query, view.items[click].name, {}, {}});
      else
        emit(view, click, negatives);
    }
    report_.num_kept_negatives += negatives.size();
  }

  void emit(const ComparedView& view, std::size_t click, const std::vector<std::size_t>& negatives) {
    const ComparedItem& positive = view.items[click];
    Triplet triplet{view.photo, items_.row(positive.row).key, items_.product(positive.product_index), {}, 1};
    for (const std::size_t negative : negatives)
      triplet.negatives.push_back(items_.row(view.items[negative].row).key);
    triplet.weight = weight_at(positive.position);
    ++report_.num_triplets;
    if (callbacks_.on_triplet) callbacks_.on_triplet(triplet);
  }

  double weight_at(std::size_t position) const {
    const std::vector<double>& examination = calibration_->examination;
    const double examined = examination[std::min(position, examination.size()) - 1];
    return std::clamp(1 / std::max(examined, 1e-9), 1.0, options_.max_weight);
  }

  void count_purity(const ComparedItem& item, bool kept) {
    if (!item.same_product) return;
    const bool right = *item.same_product == item.clicked;
    count_truth(item.clicked ? report_.clicks_before : report_.negatives_before, right);
    if (kept) count_truth(item.clicked ? report_.clicks_after : report_.negatives_after, right);
  }

  void count_positions(const PageView& view) {
    for (const ShownItem& item : view.items) {
      const std::size_t row = std::min(item.position, clicks::kLastPosition) - 1;
      if (report_.positions.size() <= row) report_.positions.resize(row + 1);
      ++report_.positions[row].num_shown;
      report_.positions[row].num_clicked += item.clicked ? 1 : 0;
      report_.num_clicks += item.clicked ? 1 : 0;
    }
  }

  void add_examination() {
    if (!calibration_) return;
    const std::vector<double>& examination = calibration_->examination;
    for (std::size_t i = 0; i < report_.positions.size(); ++i)
      report_.positions[i].examination = examination[std::min(i, examination.size() - 1)];
  }

  void drop(const Dropped& dropped) {
    ++report_.num_dropped[static_cast<std::size_t>(dropped.reason)];
    if (callbacks_.on_dropped) callbacks_.on_dropped(dropped);
  }

  /// Tells how far it is, at most some ten times a second, and asks whether to stop.
  bool go_on(std::string_view stage, std::uint64_t num_done, std::uint64_t num_total) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_report_ < std::chrono::milliseconds(100) && num_done < num_total) return true;
    last_report_ = now;
    if (callbacks_.on_progress) callbacks_.on_progress({stage, num_done, num_total});
    return !callbacks_.should_stop || !callbacks_.should_stop();
  }

  const std::span<const std::filesystem::path> logs_;
  const MiningOptions& options_;
  const MiningCallbacks& callbacks_;
  const clicks::ItemTable items_;
  clicks::PictureDescriber describer_;
  clicks::ViewComparer comparer_;
  ViewSample sample_{options_.sample_views, options_.seed};
  std::optional<Calibration> calibration_;
  std::uint64_t num_views_ = 0;
  std::chrono::steady_clock::time_point last_report_{};
  MiningReport report_;
};

}  // namespace

MiningReport mine_triplets(const Catalog& catalog, const Embedder& embedder,
                           std::span<const std::filesystem::path> logs, const MiningOptions& options,
                           const MiningCallbacks& callbacks) {
  options.validate();
  engine::check_model(catalog, embedder.info());
  return Miner(catalog, embedder, logs, options, callbacks).run();
}

}  // namespace vitrine
