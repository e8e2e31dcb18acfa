// SPDX-License-Identifier: MIT
#include "common/result_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "common/utf8.h"

namespace vitrine::tools {
namespace {

std::string padded(std::string_view text, std::size_t width) {
  std::string cell(text);
  cell.append(width - std::min(width, display_width(text)), ' ');
  return cell;
}

// What was searched with: the name of a query, or the number of an object in it.
std::string heading(const std::string& name, const SearchResult& result, const Style& style) {
  std::string text = style.bold(without_controls(name));
  if (const auto& box = result.box_px) {
    const std::string what = result.box_score ? "  found at " : "  region ";
    text += style.dim(what + std::to_string(box->x0) + "," + std::to_string(box->y0) + " " +
                      std::to_string(box->width()) + " x " + std::to_string(box->height()));
  }
  text += '\n';
  for (const CategoryScore& category : result.categories) {
    const bool first = &category == &result.categories.front();
    text += std::string(first ? "category: " : ", ") + style.accent(without_controls(category.name)) + " " +
            std::to_string(std::lround(category.probability * 100)) + " %";
  }
  return result.categories.empty() ? text : text + "\n";
}

std::string others_text(const Hit& hit) {
  return hit.more.empty() ? "" : "  and " + std::to_string(hit.more.size()) + " more";
}

// "sales 120 is above 93 % of the others", "price unknown"; of a trained ranker also " (+0.52)".
std::string explanation(const HitQualityPart& part) {
  char text[96] = " unknown";
  if (part.value && part.standing) {
    std::snprintf(text, sizeof text, " %g is above %.0f %% of the others", *part.value, *part.standing * 100);
  } else if (part.value) {
    std::snprintf(text, sizeof text, " %.3f", *part.value);
  }
  std::string words = without_controls(part.column) + text;
  if (part.contribution) {
    std::snprintf(text, sizeof text, " (%+.2f)", *part.contribution);
    words += text;
  }
  return words;
}

// "was 4 by similarity; sales 120 is above 93 % ...; quality 0.71, rank score 0.846"
std::string explanation(const HitQuality& quality) {
  std::string parts;
  for (const HitQualityPart& part : quality.parts) parts += "; " + explanation(part);
  char text[96];
  if (quality.probability && quality.target) {
    std::snprintf(text, sizeof text, " probability %.1f %%", *quality.probability * 100);
    parts += "; " + std::string(to_string(*quality.target)) + text;
  }
  std::snprintf(text, sizeof text, "; quality %.2f, rank score %.3f", quality.quality, quality.rank_score);
  return "      was " + std::to_string(quality.similarity_rank) + " by similarity" + parts + text + "\n";
}

std::string hit_table(const std::vector<Hit>& hits, const Style& style, bool explain) {
  if (hits.empty()) {
    return "no hits\n";
  }
  std::size_t product_width = display_width("product");
  std::size_t category_width = display_width("category");
  for (const Hit& hit : hits) {
    product_width = std::max(product_width, display_width(hit.product));
    category_width = std::max(category_width, display_width(hit.category));
  }
  const bool calibrated = hits.front().probability.has_value();
  std::string text =
      style.dim("rank  score  " + std::string(calibrated ? "same  " : "") + padded("product", product_width) +
                "  " + padded("category", category_width) + "  path") +
      "\n";
  for (const Hit& hit : hits) {
    char numbers[64];
    std::snprintf(numbers, sizeof numbers, "%4zu  %.3f  ", hit.rank, hit.score);
    text += numbers;
    if (calibrated) {
      std::snprintf(numbers, sizeof numbers, "%3.0f %%  ", hit.probability.value_or(0) * 100);
      text += numbers;
    }
    text += style.bold(padded(without_controls(hit.product), product_width)) + "  " +
            padded(without_controls(hit.category), category_width) + "  " +
            style.dim(without_controls(hit.path) + others_text(hit)) + "\n";
    if (explain && hit.quality) text += style.dim(explanation(*hit.quality));
  }
  return text;
}

}  // namespace

std::string result_table(const QueryAnswer& answer, const Style& style, bool explain) {
  std::string text;
  for (std::size_t i = 0; i < answer.objects.size(); ++i) {
    const SearchResult& object = answer.objects[i];
    text += heading(answer.query + ", object " + std::to_string(i + 1), object, style) +
            hit_table(object.hits, style, explain) + "\n";
  }
  const std::string name = answer.objects.empty() ? answer.query : answer.query + ", whole photo";
  return text + heading(name, answer.result, style) + hit_table(answer.result.hits, style, explain);
}

}  // namespace vitrine::tools
