// SPDX-License-Identifier: MIT
#pragma once
/// Recall against queries a second of processor time, one at a time, as an SVG picture, one line a contender.
#include <string>
#include <vector>

#include "index/search_measurement.h"

namespace vitrine::benchmarks {

/// One plot for each group of points, side by side. The recall axis is logarithmic in what is missed, and
/// ends with "1" for exact answers. Throws kIo.
struct PlotPanel {
  std::string title;
  std::vector<OperatingPoint> points;
};
void write_pareto_plot(const std::string& file, const std::vector<PlotPanel>& panels);

}  // namespace vitrine::benchmarks
