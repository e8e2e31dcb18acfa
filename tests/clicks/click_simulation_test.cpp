// SPDX-License-Identifier: MIT
#include "vitrine/click_simulation.h"

#include <catch2/catch.hpp>

#include "vitrine/error.h"

namespace vitrine::test {
namespace {

// 40 photos; every third item on a page of 20 is right.
std::vector<ResultPage> make_pages() {
  std::vector<ResultPage> pages;
  for (int photo = 0; photo < 40; ++photo) {
    ResultPage page{"photo-" + std::to_string(photo), {}};
    for (int item = 0; item < 20; ++item)
      page.entries.push_back({"item-" + std::to_string(item), item % 3 == 0});
    pages.push_back(std::move(page));
  }
  return pages;
}

std::vector<PageView> simulate(const SimulationOptions& options) {
  std::vector<PageView> views;
  simulate_clicks(make_pages(), options, [&](const PageView& view) { views.push_back(view); });
  return views;
}

double click_rate(const std::vector<PageView>& views, std::size_t position) {
  double clicked = 0;
  for (const PageView& view : views) clicked += view.items[position - 1].clicked ? 1 : 0;
  return clicked / static_cast<double>(views.size());
}

}  // namespace

TEST_CASE("the simulated rates are those of the options") {
  const SimulationOptions options{.views_per_photo = 250, .missed = 0.3, .wrong_clicks = 0.2, .seed = 5};
  const std::vector<PageView> views = simulate(options);
  REQUIRE(views.size() == 40 * 250);
  double wrong = 0, clicks = 0;
  for (const PageView& view : views)
    for (const ShownItem& item : view.items) {
      clicks += item.clicked ? 1 : 0;
      wrong += item.clicked && !*item.same_product ? 1 : 0;
    }
  CHECK(wrong / clicks == Approx(0.2).margin(0.01));
  // The first item is right and always looked at; the fourth after three steps, one of them past a click.
  CHECK(click_rate(views, 1) == Approx(0.7).margin(0.015));
  const double examined = 0.95 * 0.95 * 0.95 * (1 - 0.1 * 0.7);
  CHECK(click_rate(views, 4) == Approx(0.7 * examined).margin(0.015));
}

TEST_CASE("without noise only right items are clicked, and every one that is looked at") {
  const std::vector<PageView> views =
      simulate({.views_per_photo = 1, .continuation = 1, .satisfaction = 0, .missed = 0, .wrong_clicks = 0});
  for (const PageView& view : views)
    for (const ShownItem& item : view.items) CHECK(item.clicked == *item.same_product);
}

TEST_CASE("equal seeds give equal logs, others do not; time never goes backwards") {
  const std::vector<PageView> first = simulate({.seed = 1}), again = simulate({.seed = 1}),
                              other = simulate({.seed = 2});
  REQUIRE(first.size() == 120);
  REQUIRE(again.size() == first.size());
  bool differs = false;
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i].query == again[i].query);
    CHECK(first[i].session == again[i].session);
    CHECK(first[i].time_s == again[i].time_s);
    differs = differs || first[i].query != other[i].query;
    if (i > 0) CHECK(first[i].time_s >= first[i - 1].time_s);
  }
  CHECK(differs);
}

TEST_CASE("impossible simulations are refused") {
  CHECK_THROWS_AS(simulate({.missed = 1}), Error);
  CHECK_THROWS_AS(simulate({.wrong_clicks = 0.99}), Error);
  CHECK_THROWS_AS(simulate({.continuation = 1.5}), Error);
  CHECK_THROWS_AS(simulate({.views_per_photo = 0}), Error);
  CHECK_THROWS_AS(simulate_clicks({}, {}, [](const PageView&) {}), Error);
}

}  // namespace vitrine::test
