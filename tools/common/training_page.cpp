// SPDX-License-Identifier: MIT
#include "common/training_page.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/html_parts.h"
#include "common/line_chart.h"
#include "common/mistake_list.h"
#include "common/output_file.h"
#include "common/report_page.h"
#include "common/thumbnail.h"
#include "vitrine/error.h"

namespace vitrine::tools {
namespace {

constexpr const char* kPageStyle = R"css(
.strip { display: flex; flex-wrap: wrap; gap: 8px; padding: 10px 0; border-top: 1px solid var(--line); }
.still { width: 104px; font-size: 11.5px; color: var(--quiet); text-align: center; }
.still div { position: relative; background-size: 100% 100%; border-radius: 6px; overflow: hidden; }
.still svg { position: absolute; inset: 0; width: 100%; height: 100%; }
)css";

constexpr int kStillPx = 208;

// Losses begin with epoch 1: the initial model has none.
ChartLine line_of(const std::vector<EpochFigures>& epochs, const std::string& name,
                  double EpochFigures::*figure, int first_epoch) {
  ChartLine line{name, {}};
  for (const EpochFigures& figures : epochs) {
    if (figures.epoch >= first_epoch) line.points.emplace_back(figures.epoch, figures.*figure);
  }
  return line;
}

std::string loss_section(const TrainingReport& report) {
  if (report.epochs.empty()) return {};
  const std::vector<ChartLine> lines = {
      line_of(report.epochs, "total", &EpochFigures::loss, 1),
      line_of(report.epochs, report.triplets ? "triplets" : "identity", &EpochFigures::identity_loss, 1),
      line_of(report.epochs, "category", &EpochFigures::category_loss, 1),
      line_of(report.epochs, "retention", &EpochFigures::retention_loss, 1)};
  double top = 1e-9;
  for (const ChartLine& line : lines)
    for (const auto& [epoch, loss] : line.points) top = std::isfinite(loss) ? std::max(top, loss) : top;
  return line_chart_section("Losses", "Mean over each epoch. The total is the weighted sum of the others.",
                            lines, {0, report.epochs.back().epoch, top, fixed(top, top < 1 ? 3 : 1)});
}

std::string validation_section(const TrainingReport& report) {
  if (report.epochs.empty()) return {};
  return line_chart_section(
      "Validation", "Pictures that are never learned from. Epoch 0 is the initial model.",
      {line_of(report.epochs, "Recall@1 in photos", &EpochFigures::recall_photos, 0),
       line_of(report.epochs, "Recall@1 in shop pictures", &EpochFigures::recall_shop, 0),
       line_of(report.epochs, "category by 10 neighbours", &EpochFigures::category_by_ten, 0),
       line_of(report.epochs, "triplets in order", &EpochFigures::triplet_accuracy, 0),
       line_of(report.epochs, "true boxes with IoU above 0.5", &EpochFigures::box_hits, 0)},
      {0, report.epochs.back().epoch, 1, "100 %"});
}

std::string still(const BoxSnapshot& box, double aspect, const std::string& picture_class) {
  const std::string d = "M" + fixed(100 * box.x0) + " " + fixed(100 * box.y0) + "H" + fixed(100 * box.x1) +
                        "V" + fixed(100 * box.y1) + "H" + fixed(100 * box.x0) + "Z";
  return "<div class=\"still\"><div class=\"" + picture_class +
         "\" style=\"aspect-ratio:" + fixed(aspect, 3) +
         "\"><svg viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path "
         "class=\"outside\" d=\"M0 0H100V100H0Z" +
         d + "\"/><path class=\"region edge\" d=\"" + d + "\"/><path class=\"region\" d=\"" + d +
         "\"/></svg></div>" + html_escape(box.when) + "</div>";
}

// The photo is in the page once, however often it is shown.
std::string strip(const BoxHistory& history, std::size_t number) {
  try {
    const Image image = Image::read(history.picture, {.min_side_px = kStillPx});
    const std::string picture_class = "of" + std::to_string(number);
    std::string html = "<style>." + picture_class + "{background-image:url(" +
                       thumbnail_uri(image, kStillPx) + ")}</style><div class=\"strip\">";
    const double aspect = static_cast<double>(image.width_px()) / image.height_px();
    for (const BoxSnapshot& box : history.snapshots) html += still(box, aspect, picture_class);
    return html + "</div>";
  } catch (const Error&) {
    return "<p>" + breakable_html(history.picture.string()) + " can no longer be read.</p>";
  }
}

std::string detection_section(const TrainingReport& report) {
  if (!report.detector || report.detector->histories.empty()) return {};
  std::string content;
  for (std::size_t i = 0; i < report.detector->histories.size(); ++i)
    content += strip(report.detector->histories[i], i);
  return wide_report_section("Where detection sees the product",
                             "In photos that it does not learn from, as it learns. Nobody drew a box.",
                             content);
}

std::string misses_section(const TrainingReport& report) {
  std::vector<Mistake> mistakes;
  for (const ValidationMiss& miss : report.misses) {
    mistakes.push_back({miss.photo.string(), miss.product, miss.found.string(), miss.found_product,
                        "found, " + fixed(miss.found_cosine, 3), miss.right.string(),
                        "right, " + fixed(miss.right_cosine, 3)});
  }
  return mistake_section(
      "Worst mistakes",
      "Validation photos whose nearest picture shows another product, with the cosines of that "
      "one and of the nearest right one. The same thing under two names, or a wrong label, shows "
      "here first.",
      mistakes);
}

std::string figures_section(const TrainingReport& report, const TrainingOptions& options) {
  std::string rows =
      report_row("start", html_escape(options.init.filename().string())) +
      report_row("seed", std::to_string(options.seed)) +
      report_row("epochs", std::to_string(report.epochs.empty() ? 0 : report.epochs.back().epoch) + " of " +
                               std::to_string(options.epochs)) +
      report_row("input", std::to_string(options.input_px) + " px");
  if (report.best_epoch > 0) rows += report_row("weights of epoch", std::to_string(report.best_epoch));
  if (!report.categories.empty()) rows += report_row("categories", std::to_string(report.categories.size()));
  if (report.triplets) {
    rows += report_row("triplets", std::to_string(report.triplets->num_triplets)) +
            report_row("photos learned from", std::to_string(report.triplets->num_training_queries)) +
            report_row("photos held out", std::to_string(report.triplets->num_validation_queries));
  }
  if (report.detector) {
    if (options.detector_steps > 0)
      rows += report_row("boxes that it was taught, mean IoU", fixed(report.detector->taught_overlap, 2));
    rows += report_row("boxes hold of the photos", fixed(100 * report.detector->mean_area) + " %");
  }
  if (!report.failures.empty())
    rows += report_row("pictures that could not be read", std::to_string(report.failures.size()));
  return report_section("Run", "", "<table>" + rows + "</table>");
}

}  // namespace

void write_training_page(const std::filesystem::path& file, const TrainingReport& report,
                         const TrainingOptions& options, const std::string& state) {
  const std::string title = "Training of " + html_escape(options.name);
  OutputFile output(file);
  output.stream() << page_head("Training of " + options.name,
                               std::string(kReportStyle) + kLineChartStyle + kMistakeListStyle + kPageStyle)
                  << "<header><h1>" << title << "</h1><p>" << html_escape(state) << "</p></header>\n<main>\n"
                  << validation_section(report) << loss_section(report) << figures_section(report, options)
                  << detection_section(report) << misses_section(report) << "</main>\n</body>\n</html>\n";
  output.close();
}

}  // namespace vitrine::tools
