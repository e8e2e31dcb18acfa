// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdio>
#include <map>
#include <random>
#include <set>

#include "category/accuracy.h"
#include "category/category_plot.h"
#include "category/experiments.h"

namespace vitrine::benchmarks {
namespace {

namespace fs = std::filesystem;

std::string points(const Share& interval) {
  char text[64];
  std::snprintf(text, sizeof text, "%+.1f (%+.1f to %+.1f)", 100 * interval.value, 100 * interval.low,
                100 * interval.high);
  return text;
}

// No way of mixing is right where both are wrong.
double either_is_right(const TestAnswers& answers) {
  std::vector<bool> either;
  for (std::size_t i = 0; i < answers.model.size(); ++i)
    either.push_back(answers.model[i] || answers.search[i]);
  return share(either);
}

void print_row(const std::string& name, const TestAnswers& answers) {
  const CategoryFusion& fusion = answers.fusion;
  std::printf("| %s | %zu | %.1f | %.1f | %.1f | %.1f | %s | %s | %.1f | %.1f | %.2f | %zu | %.2f, %.2f |\n",
              name.c_str(), answers.fused.size(), 100 * share(answers.model), 100 * share(answers.search),
              100 * share(answers.fused), 100 * either_is_right(answers),
              points(bootstrap_lead(answers.fused, answers.model, kResamples, kSeed)).c_str(),
              points(bootstrap_lead(answers.fused, answers.search, kResamples, kSeed)).c_str(),
              100 * calibration_error(answers), fusion.lambda, fusion.alpha, fusion.category_alphas.size(),
              fusion.model_temperature, fusion.fused_temperature);
  std::fflush(stdout);
}

AlphaCurve curve_of(const std::string& name, const TestAnswers& answers) {
  AlphaCurve curve{name, {}};
  for (const std::vector<bool>& right : answers.by_alpha) curve.accuracies.push_back(share(right));
  return curve;
}

template <typename Keep>
PictureSet filtered(const PictureSet& pictures, const Keep& keep) {
  PictureSet result;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (keep(i)) result.add(pictures, i);
  }
  return result;
}

PictureSet joined(const PictureSet& first, const PictureSet& second) {
  PictureSet result = first;
  for (std::size_t i = 0; i < second.size(); ++i) result.add(second, i);
  return result;
}

struct Groceries {
  PictureSet gallery;
  PictureSet validation;
  PictureSet test;
};

Groceries read_groceries(const Embedder& embedder, const fs::path& lists) {
  return {joined(read_pictures(embedder, lists / "gallery-photos.csv"),
                 read_pictures(embedder, lists / "gallery-shop.csv")),
          read_pictures(embedder, lists / "validation.csv"), read_pictures(embedder, lists / "queries.csv")};
}

PictureSet with_products(const PictureSet& pictures, const std::vector<fs::path>& lists) {
  PictureSet result = pictures;
  std::size_t at = 0;
  for (const fs::path& list : lists) {
    for (const std::string& product : products_in(list)) result.labels[at++] = product;
  }
  return result;
}

Groceries with_products(const Groceries& data, const fs::path& lists) {
  return {with_products(data.gallery, {lists / "gallery-photos.csv", lists / "gallery-shop.csv"}),
          with_products(data.validation, {lists / "validation.csv"}),
          with_products(data.test, {lists / "queries.csv"})};
}

// Fitted on the photos of four fifths of the senders (without any: of the photos), asked about those of the
// others.
TestAnswers cross_fitted(const CategoryModel& model, const PictureSet& gallery, const PictureSet& queries) {
  constexpr std::size_t kFolds = 5;
  std::map<std::string, std::size_t> fold_of;
  const auto group_of = [&](std::size_t i) {
    return queries.groups[i].empty() ? std::to_string(i) : queries.groups[i];
  };
  for (std::size_t i = 0; i < queries.size(); ++i) fold_of.emplace(group_of(i), fold_of.size() % kFolds);
  TestAnswers answers;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    const auto is_test = [&](std::size_t i) { return fold_of.at(group_of(i)) == fold; };
    answers.append(fit_and_ask(model, gallery, filtered(queries, [&](std::size_t i) { return !is_test(i); }),
                               filtered(queries, is_test)));
  }
  return answers;
}

// The pictures as they are, with what another network's model says about them.
PictureSet with_opinions(const PictureSet& pictures, const CategoryModel& model,
                         const PictureSet& seen_by_other) {
  PictureSet result = pictures;
  for (std::size_t i = 0; i < pictures.size(); ++i)
    result.embeddings[i].category_probabilities = model.probabilities(seen_by_other.embeddings[i]);
  return result;
}

// A head on one network's features beside the search by another's.
TestAnswers with_head_of_another(const Groceries& data, const Groceries& seen_by_other) {
  const CategoryModel head = head_on(seen_by_other.gallery);
  const CategoryModel told{head.names,
                           [](const Embedding& embedding) { return embedding.category_probabilities; }};
  return fit_and_ask(told, data.gallery, with_opinions(data.validation, head, seen_by_other.validation),
                     with_opinions(data.test, head, seen_by_other.test));
}

// Each category in turn is unknown to the model and at the time of the fit; only the catalogue has it.
void print_new_categories(const Groceries& data) {
  constexpr std::size_t kEveryOther = 10;
  std::vector<bool> found;
  std::vector<bool> found_by_vote;
  std::vector<bool> others_right;
  for (const std::string& category : names_of(data.gallery)) {
    const auto without = [&](const PictureSet& pictures) {
      return filtered(pictures, [&](std::size_t i) { return pictures.labels[i] != category; });
    };
    const CategoryModel model = head_on(without(data.gallery));
    const CategoryFusion fusion = fit(model, without(data.gallery), without(data.validation));
    const PictureSet asked = filtered(
        data.test, [&](std::size_t i) { return data.test.labels[i] == category || i % kEveryOther == 0; });
    const TestAnswers answers = ask(fusion, model, data.gallery, asked);
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const bool is_new = asked.labels[i] == category;
      (is_new ? found : others_right).push_back(answers.fused[i]);
      if (is_new) found_by_vote.push_back(answers.search[i]);
    }
  }
  std::printf(
      "\ncategories that the head never saw, one at a time: found in %.1f %% of their %zu photos (by the "
      "vote "
      "alone in %.1f %%); of every tenth other photo %.1f %% are right\n",
      100 * share(found), found.size(), 100 * share(found_by_vote), 100 * share(others_right));
  std::fflush(stdout);
}

// Ten categories without any item.
void print_empty_categories(const Groceries& data, const CategoryModel& model) {
  constexpr std::size_t kNumEmpty = 10;
  std::vector<std::string> names = names_of(data.gallery);
  std::mt19937_64 random(kSeed);
  std::shuffle(names.begin(), names.end(), random);
  const std::set<std::string> empty(names.begin(), names.begin() + kNumEmpty);
  const PictureSet gallery =
      filtered(data.gallery, [&](std::size_t i) { return !empty.contains(data.gallery.labels[i]); });
  const TestAnswers answers = fit_and_ask(model, gallery, data.validation, data.test);
  std::vector<bool> of_empty;
  std::vector<bool> of_others;
  for (std::size_t i = 0; i < data.test.size(); ++i)
    (empty.contains(data.test.labels[i]) ? of_empty : of_others).push_back(answers.fused[i]);
  std::printf(
      "\nten categories without items: %.1f %% of their %zu photos are right, %.1f %% of the other %zu\n",
      100 * share(of_empty), of_empty.size(), 100 * share(of_others), of_others.size());
}

}  // namespace

void print_accuracies(const Embedder& embedder, const fs::path& lists, const fs::path& plots,
                      const Embedder* other) {
  const CategoryModel shipped = shipped_model(embedder);
  const Groceries coarse = read_groceries(embedder, lists);
  const Groceries fine = with_products(coarse, lists);
  const PictureSet clothes = read_pictures(embedder, lists / "gallery-clothing.csv");
  const PictureSet clothing_queries = read_pictures(embedder, lists / "queries-clothing.csv");

  std::printf(
      "| data | photos | model | search | fused | either | fused - model | fused - search | calibration "
      "error | lambda "
      "| alpha | own alphas | temperatures "
      "|\n|---|---:|---:|---:|---:|---:|---|---|---:|---:|---:|---:|---|\n");
  std::vector<AlphaCurve> curves;
  const auto report = [&](const std::string& name, const TestAnswers& answers) {
    print_row(name, answers);
    curves.push_back(curve_of(name, answers));
  };
  const bool has_head = !embedder.info().categories.empty();
  if (has_head) {
    const TestAnswers answers = fit_and_ask(shipped, coarse.gallery, coarse.validation, coarse.test);
    report("groceries, coarse, the model's head", answers);
    write_reliability_plot(plots / "category-reliability.svg",
                           reliability_of(answers.confidences, answers.fused));
  }
  if (has_head) {
    print_row("the same, fitted on test photos of other folds",
              cross_fitted(shipped, coarse.gallery, coarse.test));
  }
  report("groceries, coarse, softmax head",
         fit_and_ask(head_on(coarse.gallery), coarse.gallery, coarse.validation, coarse.test));
  report("groceries, fine, softmax head",
         fit_and_ask(head_on(fine.gallery), fine.gallery, fine.validation, fine.test));
  if (other != nullptr) {
    const Groceries seen_by_other = read_groceries(*other, lists);
    print_row("groceries, coarse, head on the other network", with_head_of_another(coarse, seen_by_other));
    print_row("groceries, fine, head on the other network",
              with_head_of_another(fine, with_products(seen_by_other, lists)));
  }
  if (has_head) report("clothing, the model's head", cross_fitted(shipped, clothes, clothing_queries));
  report("clothing, softmax head", cross_fitted(head_on(clothes), clothes, clothing_queries));
  write_alpha_plot(plots / "category-alpha.svg", curves);
  print_new_categories(coarse);
  print_empty_categories(coarse, has_head ? shipped : head_on(coarse.gallery));
}

}  // namespace vitrine::benchmarks
