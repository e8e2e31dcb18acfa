// SPDX-License-Identifier: MIT
#include "clicks/last_examined.h"

#include <algorithm>

namespace vitrine::clicks {

std::size_t last_examined(const PageView& view, std::size_t below_last_click) {
  std::size_t last_clicked = 0;
  for (std::size_t i = 0; i < view.items.size(); ++i)
    if (view.items[i].clicked) last_clicked = i;
  return std::min(last_clicked + below_last_click, view.items.size() - 1);
}

}  // namespace vitrine::clicks
