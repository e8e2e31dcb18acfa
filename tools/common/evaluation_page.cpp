// SPDX-License-Identifier: MIT
#include "common/evaluation_page.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "common/html_parts.h"
#include "common/line_chart.h"
#include "common/mistake_list.h"
#include "common/output_file.h"
#include "common/report_page.h"

namespace vitrine::tools {
namespace {

constexpr std::size_t kMaxMistakes = 24;

std::string share_html(const Share& share) {
  return fixed(share.value * 100) + " % <span class=\"quiet\">" + fixed(share.low * 100) + " to " +
         fixed(share.high * 100) + "</span>";
}

std::size_t largest_k(const EvaluationReport& report) {
  std::size_t k = 1;
  for (const RankingReport& ranking : report.rankings)
    for (const RecallAtK& recall : ranking.recalls) k = std::max(k, recall.k);
  return k;
}

std::string recall_section(const EvaluationReport& report) {
  if (report.photos.empty()) return {};
  const std::size_t last_k = largest_k(report);
  std::vector<ChartLine> lines;
  for (std::size_t ranking = 0; ranking < report.rankings.size(); ++ranking) {
    ChartLine line{report.rankings[ranking].name, {}};
    for (std::size_t k = 1; k <= last_k; ++k) {
      const auto num_found =
          std::count_if(report.photos.begin(), report.photos.end(), [&](const auto& photo) {
            return photo.rankings[ranking].first_rank.value_or(std::numeric_limits<std::size_t>::max()) <= k;
          });
      line.points.emplace_back(static_cast<double>(k),
                               static_cast<double>(num_found) / static_cast<double>(report.photos.size()));
    }
    lines.push_back(std::move(line));
  }
  return line_chart_section("Recall", "Share of photos whose product is among so many first hits.", lines,
                            {1, static_cast<int>(last_k), 1, "100 %"});
}

std::string figures_section(const EvaluationReport& report) {
  std::string rows;
  for (const RankingReport& ranking : report.rankings) {
    for (const RecallAtK& recall : ranking.recalls)
      rows += report_row(ranking.name + ", recall @" + std::to_string(recall.k), share_html(recall.recall));
    rows += report_row(ranking.name + ", mAP @" + std::to_string(largest_k(report)),
                       share_html(ranking.mean_average_precision));
  }
  if (report.category_accuracy)
    rows += report_row("category, of " + std::to_string(report.num_with_category) + " photos",
                       share_html(*report.category_accuracy));
  if (report.model_category_accuracy)
    rows += report_row("category, by the model alone", share_html(*report.model_category_accuracy));
  if (report.search_category_accuracy)
    rows += report_row("category, by the search alone", share_html(*report.search_category_accuracy));
  rows += report_row("nearest codes that the index finds", share_html(report.linear_recall));
  if (report.boxes) {
    rows += report_row("boxes, mean IoU, of " + std::to_string(report.boxes->num_photos) + " photos",
                       share_html(report.boxes->mean_overlap)) +
            report_row("boxes, IoU above 0.5", share_html(report.boxes->above_half));
  }
  for (const LatencyReport& latency : report.latencies)
    rows += report_row(
        latency.stage + ", median, 95 %, 99 %",
        fixed(latency.p50_ms, 2) + ", " + fixed(latency.p95_ms, 2) + ", " + fixed(latency.p99_ms, 2) + " ms");
  return report_section("Figures", "With 95 % intervals.", "<table>" + rows + "</table>");
}

std::string comparison_section(const Comparison& comparison, const std::string& other) {
  std::string rows;
  for (const FigureDifference& figure : comparison.differences) {
    const std::string verdict =
        figure.is_certain() ? (figure.difference.value > 0 ? " better" : " worse") : "";
    rows += report_row(figure.ranking + ", " + figure.figure,
                       fixed(figure.first * 100) + " → " + fixed(figure.second * 100) +
                           " <span class=\"quiet\">" + fixed(figure.difference.low * 100) + " to " +
                           fixed(figure.difference.high * 100) + verdict + "</span>");
  }
  return report_section("Compared with " + html_escape(other),
                        "Of " + std::to_string(comparison.num_photos) +
                            " photos that both answer. In small print the 95 % interval of the difference.",
                        "<table>" + rows + "</table>");
}

// Where the search ranks the product: behind everything if it does not find it.
std::size_t rank_of(const PhotoOutcome& photo) {
  return photo.rankings.back().first_rank.value_or(std::numeric_limits<std::size_t>::max());
}

std::string mistakes_section(const EvaluationReport& report) {
  std::vector<const PhotoOutcome*> wrong;
  for (const PhotoOutcome& photo : report.photos)
    if (rank_of(photo) > 1) wrong.push_back(&photo);
  const std::size_t num_wrong = wrong.size();
  std::stable_sort(wrong.begin(), wrong.end(), [](const PhotoOutcome* a, const PhotoOutcome* b) {
    if (rank_of(*a) != rank_of(*b)) return rank_of(*a) > rank_of(*b);
    return a->found_score - a->right_score > b->found_score - b->right_score;
  });
  if (wrong.size() > kMaxMistakes) wrong.resize(kMaxMistakes);
  std::vector<Mistake> mistakes;
  for (const PhotoOutcome* photo : wrong) {
    const auto& rank = photo->rankings.back().first_rank;
    mistakes.push_back(
        {photo->path, photo->product, photo->found_path, photo->found_product,
         "hit 1, " + fixed(photo->found_score, 3), photo->right_path,
         rank ? "hit " + std::to_string(*rank) + ", " + fixed(photo->right_score, 3)
              : "beyond hit " + std::to_string(largest_k(report)) + ", " + fixed(photo->right_score, 3)});
  }
  return mistake_section(
      "Worst answers",
      "The worst of the " + std::to_string(num_wrong) +
          " photos whose first hit shows another product, with the score of that one and of the "
          "nearest right one. The same thing under two names, or a wrong label, shows here first.",
      mistakes);
}

}  // namespace

void write_evaluation_page(const std::filesystem::path& file, const EvaluationReport& report,
                           const std::string& catalog, const Comparison* comparison,
                           const std::string& other) {
  const std::string title = "Evaluation of " + catalog;
  OutputFile output(file);
  output.stream() << page_head(title, std::string(kReportStyle) + kLineChartStyle + kMistakeListStyle)
                  << "<header><h1>" << html_escape(title) << "</h1><p>" << report.num_evaluated << " photos, "
                  << report.skipped.size() << " skipped</p></header>\n<main>\n"
                  << recall_section(report) << figures_section(report)
                  << (comparison != nullptr ? comparison_section(*comparison, other) : "")
                  << mistakes_section(report) << "</main>\n</body>\n</html>\n";
  output.close();
}

}  // namespace vitrine::tools
