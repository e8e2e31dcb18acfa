// SPDX-License-Identifier: MIT
#include "index/pareto_plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "vitrine/error.h"

namespace vitrine::benchmarks {
namespace {

constexpr double kPanelWidth = 480;
constexpr double kHeight = 400;
constexpr double kLeft = 64;
constexpr double kRight = 20;
constexpr double kTop = 56;
constexpr double kBottom = 48;
// Recall 1 has no place on a logarithmic axis of misses; it stands where this recall would.
constexpr double kDrawnAsExact = 0.99997;
constexpr double kLowestRecall = 0.7;
// Distinguishable in print and by the colour-blind (Okabe and Ito); the first is Vitrine's.
constexpr const char* kColours[] = {"#d55e00", "#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#000000"};

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

class Panel {
 public:
  Panel(double left, const PlotPanel& content) : left_(left), content_(content) {
    double lowest = 1e300;
    double highest = 0;
    for (const OperatingPoint& point : content.points) {
      if (point.recall < kLowestRecall) continue;
      lowest = std::min(lowest, 1 / point.cpu_seconds);
      highest = std::max(highest, 1 / point.cpu_seconds);
    }
    if (highest == 0) lowest = highest = 1;
    first_decade_ = std::floor(std::log10(lowest));
    last_decade_ = std::max(first_decade_ + 1, std::ceil(std::log10(highest)));
  }

  std::string svg() const {
    std::string result = frame();
    std::vector<std::string> names;
    for (const OperatingPoint& point : content_.points) {
      if (std::find(names.begin(), names.end(), point.contender) == names.end()) {
        names.push_back(point.contender);
      }
    }
    for (std::size_t i = 0; i < names.size(); ++i) result += series(names[i], i, names.size());
    return result;
  }

 private:
  static double missed(double recall) { return -std::log10(1 - std::min(recall, kDrawnAsExact)); }

  double x(double recall) const {
    const double share = (missed(recall) - missed(kLowestRecall)) / (missed(1) - missed(kLowestRecall));
    return left_ + kLeft + share * (kPanelWidth - kLeft - kRight);
  }
  double y(double rate) const {
    const double share = (std::log10(rate) - first_decade_) / (last_decade_ - first_decade_);
    return kHeight - kBottom - share * (kHeight - kTop - kBottom);
  }

  static std::string line(double x1, double y1, double x2, double y2) {
    return "<line x1='" + number(x1) + "' y1='" + number(y1) + "' x2='" + number(x2) + "' y2='" + number(y2) +
           "' stroke='#ddd'/>\n";
  }
  static std::string text(double x, double y, const std::string& anchor, const std::string& words) {
    return "<text x='" + number(x) + "' y='" + number(y) + "' text-anchor='" + anchor + "'>" + words +
           "</text>\n";
  }

  std::string frame() const {
    std::string result;
    const double bottom = kHeight - kBottom;
    for (const double recall : {0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 1.0}) {
      char label[16];
      std::snprintf(label, sizeof label, "%g", recall);
      result += line(x(recall), kTop, x(recall), bottom);
      // Labels that would run into their neighbours are left out.
      if (recall == 0.7 || recall == 0.9 || recall == 0.95 || recall == 0.99 || recall == 0.999 ||
          recall == 0.9999 || recall == 1) {
        result += text(x(recall), bottom + 16, "middle", label);
      }
    }
    for (double decade = first_decade_; decade <= last_decade_; ++decade) {
      const double rate = std::pow(10, decade);
      result += line(left_ + kLeft, y(rate), left_ + kPanelWidth - kRight, y(rate));
      char label[32];
      std::snprintf(label, sizeof label, rate < 1e6 ? "%.6g" : "%.0e", rate);
      result += text(left_ + kLeft - 6, y(rate) + 4, "end", label);
    }
    result += text(left_ + kLeft, kTop - 30, "start", content_.title);
    result += text(left_ + (kPanelWidth + kLeft) / 2, kHeight - 10, "middle", "recall");
    const std::string pivot = number(left_ + 14) + " " + number(kHeight / 2);
    return result + "<text transform='translate(" + pivot +
           ") rotate(-90)' text-anchor='middle'>queries a second of processor time</text>\n";
  }

  std::string series(const std::string& name, std::size_t index, std::size_t num_series) const {
    const std::string colour = kColours[std::min(index, std::size(kColours) - 1)];
    std::string path;
    std::string dots;
    for (const OperatingPoint& point : content_.points) {
      if (point.contender != name || point.recall < kLowestRecall) continue;
      const std::string at_x = number(x(point.recall));
      const std::string at_y = number(y(1 / point.cpu_seconds));
      path += (path.empty() ? "M" : " L") + at_x + "," + at_y;
      dots += "<circle cx='" + at_x + "' cy='" + at_y + "' r='3' fill='" + colour + "'/>\n";
    }
    const double legend_x =
        left_ + kLeft + (kPanelWidth - kLeft) * static_cast<double>(index) / static_cast<double>(num_series);
    return "<path d='" + (path.empty() ? "M0,0" : path) + "' fill='none' stroke='" + colour +
           "' stroke-width='2'/>\n" + dots + "<circle cx='" + number(legend_x + 4) + "' cy='" +
           number(kTop - 16) + "' r='4' fill='" + colour + "'/>\n" +
           text(legend_x + 11, kTop - 12, "start", name);
  }

  double left_;
  const PlotPanel& content_;
  double first_decade_ = 0;
  double last_decade_ = 1;
};

}  // namespace

void write_pareto_plot(const std::string& file, const std::vector<PlotPanel>& panels) {
  const double width = kPanelWidth * static_cast<double>(panels.size());
  std::ofstream out(file);
  out << "<svg xmlns='http://www.w3.org/2000/svg' width='" << number(width) << "' height='" << number(kHeight)
      << "' font-family='sans-serif' font-size='11'>\n<rect width='100%' height='100%' fill='white'/>\n";
  for (std::size_t i = 0; i < panels.size(); ++i) {
    out << Panel(kPanelWidth * static_cast<double>(i), panels[i]).svg();
  }
  out << "</svg>\n";
  if (!out.flush()) throw Error(ErrorCode::kIo, "writing a plot: cannot write " + file);
}

}  // namespace vitrine::benchmarks
