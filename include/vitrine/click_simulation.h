// SPDX-License-Identifier: MIT
#pragma once
/// Click logs without users: for trying the way from clicks to a model, and for measuring how much noise
/// mining takes out, since here the truth is known.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "vitrine/click_log.h"

namespace vitrine {

/// What a search returned for a photo, best first.
struct ResultPage {
  struct Entry {
    std::string item;  ///< "<product>/<picture>"
    bool same_product = false;
  };
  std::string query;  ///< path of the photo
  std::vector<Entry> entries;
};

/// The user: reads a page from the top. After each item she goes on with probability `continuation`, and
/// after a click on the right product stops with probability `satisfaction` besides (a dynamic Bayesian
/// network click model, Chapelle and Zhang, WWW 2009). What she does not look at she does not click.
struct SimulationOptions {
  std::size_t views_per_photo = 3;
  double continuation = 0.95;  ///< [0, 1]
  double satisfaction = 0.1;   ///< [0, 1]
  /// Share of the items of the right product that are looked at and not clicked; [0, 1).
  double missed = 0.2;
  /// Share of all clicks that fall on another product, evenly over what is looked at; [0, 1).
  double wrong_clicks = 0.2;
  double views_per_session = 4;         ///< mean, at least 1
  double seconds_between_views = 30;    ///< mean, above 0
  double start_time_s = 1'767'225'600;  ///< seconds since the epoch; the default is 1 January 2026
  std::uint64_t seed = 1;

  /// kInvalidArgument names the first field out of range.
  void validate() const;
};

/// Shows every page `views_per_photo` times and hands over what was clicked, by ascending time; sessions
/// overlap. `same_product` is set in every item. Equal arguments give equal views. kInvalidArgument if no
/// page holds the product of its photo, or too few other products are looked at for `wrong_clicks`.
void simulate_clicks(std::span<const ResultPage> pages, const SimulationOptions& options,
                     const std::function<void(const PageView&)>& on_view);

}  // namespace vitrine
