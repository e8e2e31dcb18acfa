// SPDX-License-Identifier: MIT
#include "vitrine/click_simulation.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "vitrine/error.h"

namespace vitrine {
namespace {

/// The standard library's distributions may differ between implementations; these do not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed) {}
  double uniform() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }
  bool happens(double probability) { return uniform() < probability; }
  double exponential(double mean) { return -mean * std::log1p(-uniform()); }
  std::size_t below(std::size_t count) { return bits_() % count; }

 private:
  std::mt19937_64 bits_;
};

/// How often an item of another product must be clicked when looked at, for `wrong_clicks` of all clicks to
/// be wrong. Looking does not depend on wrong clicks, so the expected numbers have a closed form.
double wrong_click_probability(std::span<const ResultPage> pages, const SimulationOptions& options) {
  double right_clicks = 0, looks_at_wrong = 0;
  for (const ResultPage& page : pages) {
    double examined = 1;
    for (const ResultPage::Entry& entry : page.entries) {
      (entry.same_product ? right_clicks : looks_at_wrong) +=
          entry.same_product ? examined * (1 - options.missed) : examined;
      examined *= options.continuation;
      if (entry.same_product) examined *= 1 - options.satisfaction * (1 - options.missed);
    }
  }
  if (right_clicks <= 0)
    throw Error(ErrorCode::kInvalidArgument,
                "cannot simulate clicks: expected pages that show the product of their photo, found none");
  if (options.wrong_clicks <= 0) return 0;
  const double wrong_clicks = right_clicks * options.wrong_clicks / (1 - options.wrong_clicks);
  if (wrong_clicks > looks_at_wrong)
    throw Error(ErrorCode::kInvalidArgument,
                "cannot simulate clicks: too few items of other products are looked at for a share of " +
                    std::to_string(options.wrong_clicks) + " wrong clicks; lower it or show longer pages");
  return wrong_clicks / looks_at_wrong;
}

/// A page view that is going to happen.
struct Visit {
  double time_s = 0;
  std::size_t session = 0;
  std::size_t page = 0;
};

/// Who looks at which page when, by ascending time.
std::vector<Visit> plan_visits(std::size_t num_pages, const SimulationOptions& options, Random& random) {
  std::vector<Visit> visits;
  for (std::size_t i = 0; i < num_pages * options.views_per_photo; ++i)
    visits.push_back({0, 0, i % num_pages});
  for (std::size_t i = visits.size(); i > 1; --i) std::swap(visits[i - 1], visits[random.below(i)]);
  double session_start_s = options.start_time_s;
  double time_s = session_start_s;
  std::size_t session = 1;
  for (Visit& visit : visits) {
    visit.time_s = std::round(time_s * 1e3) / 1e3;  // the precision of a log
    visit.session = session;
    time_s += random.exponential(options.seconds_between_views);
    if (random.happens(1 / options.views_per_session)) {
      ++session;
      session_start_s += random.exponential(options.seconds_between_views);
      time_s = session_start_s;
    }
  }
  std::stable_sort(visits.begin(), visits.end(),
                   [](const Visit& a, const Visit& b) { return a.time_s < b.time_s; });
  return visits;
}

PageView look_at(const ResultPage& page, double wrong_probability, const SimulationOptions& options,
                 Random& random) {
  PageView view;
  view.query = page.query;
  bool looking = true;
  for (const ResultPage::Entry& entry : page.entries) {
    ShownItem item{entry.item, view.items.size() + 1, false, entry.same_product};
    if (looking) {
      item.clicked = random.happens(entry.same_product ? 1 - options.missed : wrong_probability);
      const bool satisfied = item.clicked && entry.same_product && random.happens(options.satisfaction);
      looking = !satisfied && random.happens(options.continuation);
    }
    view.items.push_back(std::move(item));
  }
  return view;
}

}  // namespace

void SimulationOptions::validate() const {
  const auto require = [](bool holds, const char* expectation) {
    if (!holds)
      throw Error(ErrorCode::kInvalidArgument,
                  std::string("cannot simulate clicks: expected ") + expectation);
  };
  const auto is_share = [](double value) { return value >= 0 && value <= 1; };
  require(views_per_photo > 0, "views_per_photo above 0");
  require(is_share(continuation), "continuation from 0 to 1");
  require(is_share(satisfaction), "satisfaction from 0 to 1");
  require(missed >= 0 && missed < 1, "missed from 0 to below 1");
  require(wrong_clicks >= 0 && wrong_clicks < 1, "wrong_clicks from 0 to below 1");
  require(views_per_session >= 1 && std::isfinite(views_per_session), "views_per_session of at least 1");
  require(seconds_between_views > 0 && std::isfinite(seconds_between_views), "seconds_between_views above 0");
  require(std::isfinite(start_time_s), "a finite start_time_s");
}

void simulate_clicks(std::span<const ResultPage> pages, const SimulationOptions& options,
                     const std::function<void(const PageView&)>& on_view) {
  options.validate();
  const double wrong_probability = wrong_click_probability(pages, options);
  Random random(options.seed);
  for (const Visit& visit : plan_visits(pages.size(), options, random)) {
    PageView view = look_at(pages[visit.page], wrong_probability, options, random);
    view.session = "s" + std::to_string(visit.session);
    view.time_s = visit.time_s;
    on_view(view);
  }
}

}  // namespace vitrine
