// SPDX-License-Identifier: MIT
#include "category/category_plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "vitrine/error.h"

namespace vitrine::benchmarks {
namespace {

constexpr double kWidth = 520;
constexpr double kHeight = 380;
constexpr double kLeft = 60;
constexpr double kRight = 20;
constexpr double kTop = 70;
constexpr double kBottom = 50;
// Distinguishable in print and by the colour-blind (Okabe and Ito).
constexpr const char* kColours[] = {"#d55e00", "#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#000000"};

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

// A frame with a horizontal axis from 0 to 1 and a vertical one of percent.
class Frame {
 public:
  Frame(double low, double high) : low_(low), high_(high) {}

  double x(double share) const { return kLeft + share * (kWidth - kLeft - kRight); }
  double y(double accuracy) const {
    return kHeight - kBottom - (accuracy - low_) / (high_ - low_) * (kHeight - kTop - kBottom);
  }
  std::string text(double at_x, double at_y, const std::string& anchor, const std::string& words) const {
    return "<text x='" + number(at_x) + "' y='" + number(at_y) + "' text-anchor='" + anchor + "'>" + words +
           "</text>\n";
  }
  std::string line(double x1, double y1, double x2, double y2, const std::string& colour) const {
    return "<line x1='" + number(x1) + "' y1='" + number(y1) + "' x2='" + number(x2) + "' y2='" + number(y2) +
           "' stroke='" + colour + "'/>\n";
  }
  std::string axes(const std::string& x_title, const std::string& y_title, double y_step) const {
    std::string svg;
    for (int tenth = 0; tenth <= 10; tenth += 2) {
      char label[8];
      std::snprintf(label, sizeof label, "%.1f", tenth / 10.0);
      svg += line(x(tenth / 10.0), kTop, x(tenth / 10.0), kHeight - kBottom, "#ddd");
      svg += text(x(tenth / 10.0), kHeight - kBottom + 16, "middle", label);
    }
    const int num_steps = static_cast<int>(std::lround((high_ - low_) / y_step));
    for (int step = 0; step <= num_steps; ++step) {
      const double accuracy = low_ + y_step * step;
      svg += line(kLeft, y(accuracy), kWidth - kRight, y(accuracy), "#ddd");
      svg += text(kLeft - 6, y(accuracy) + 4, "end", std::to_string(std::lround(100 * accuracy)) + " %");
    }
    svg += text((kWidth + kLeft - kRight) / 2, kHeight - 12, "middle", x_title);
    return svg + "<text transform='translate(16 " + number(kHeight / 2) +
           ") rotate(-90)' text-anchor='middle'>" + y_title + "</text>\n";
  }

 private:
  double low_;
  double high_;
};

void write(const std::filesystem::path& file, const std::string& content) {
  std::ofstream out(file);
  out << "<svg xmlns='http://www.w3.org/2000/svg' width='" << number(kWidth) << "' height='"
      << number(kHeight)
      << "' font-family='sans-serif' font-size='12'>\n<rect width='100%' height='100%' fill='white'/>\n"
      << content << "</svg>\n";
  if (!out.flush()) throw Error(ErrorCode::kIo, "writing a plot: cannot write '" + file.string() + "'");
}

}  // namespace

void write_alpha_plot(const std::filesystem::path& file, const std::vector<AlphaCurve>& curves) {
  constexpr double kStep = 0.05;
  double low = 1;
  double high = 0;
  for (const AlphaCurve& curve : curves) {
    const auto [least, most] = std::minmax_element(curve.accuracies.begin(), curve.accuracies.end());
    low = std::min(low, *least);
    high = std::max(high, *most);
  }
  const Frame frame(std::floor(low / kStep) * kStep, std::ceil(high / kStep) * kStep);
  std::string svg = frame.axes("alpha: 0 is the search alone, 1 the model alone", "right categories", kStep);
  for (std::size_t c = 0; c < curves.size(); ++c) {
    const AlphaCurve& curve = curves[c];
    const std::string colour = kColours[c % std::size(kColours)];
    std::string path;
    for (std::size_t i = 0; i < curve.accuracies.size(); ++i) {
      const double alpha = static_cast<double>(i) / static_cast<double>(curve.accuracies.size() - 1);
      path += (i == 0 ? "M" : " L") + number(frame.x(alpha)) + "," + number(frame.y(curve.accuracies[i]));
    }
    svg += "<path d='" + path + "' fill='none' stroke='" + colour + "' stroke-width='2'/>\n";
    const double legend_y = 16 + 16.0 * static_cast<double>(c / 2);
    const double legend_x = c % 2 == 0 ? kLeft : kLeft + 235;
    svg += "<rect x='" + number(legend_x) + "' y='" + number(legend_y - 9) +
           "' width='10' height='10' fill='" + colour + "'/>\n" +
           frame.text(legend_x + 15, legend_y, "start", curve.name);
  }
  write(file, svg);
}

void write_reliability_plot(const std::filesystem::path& file, const std::vector<ReliabilityBin>& bins) {
  const Frame frame(0, 1);
  std::string svg = frame.axes("confidence", "right answers", 0.2);
  svg += frame.line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), "#888");
  std::size_t most = 1;
  for (const ReliabilityBin& bin : bins) most = std::max(most, bin.count);
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (bins[i].count == 0) continue;
    const double left = frame.x(static_cast<double>(i) / static_cast<double>(bins.size()));
    const double width = frame.x(1.0 / static_cast<double>(bins.size())) - frame.x(0);
    constexpr double kHighestBar = 60;
    const double height =
        std::max(1.0, kHighestBar * static_cast<double>(bins[i].count) / static_cast<double>(most));
    svg += "<rect x='" + number(left + 1) + "' y='" + number(frame.y(0) - height) + "' width='" +
           number(width - 2) + "' height='" + number(height) + "' fill='#56b4e9' opacity='0.5'/>\n";
    svg += "<circle cx='" + number(frame.x(bins[i].mean_confidence)) + "' cy='" +
           number(frame.y(bins[i].accuracy)) + "' r='5' fill='#d55e00'/>\n";
  }
  svg += frame.text(kLeft, 20, "start", "dots: share of right answers; bars: number of answers");
  write(file, svg);
}

}  // namespace vitrine::benchmarks
