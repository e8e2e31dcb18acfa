// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>

#include "vitrine/click_log.h"

namespace vitrine::clicks {

/// The place in `view.items`, from 0, of the last item at which somebody who clicked as in this view has
/// probably looked. The view must have an item.
std::size_t last_examined(const PageView& view, std::size_t below_last_click);

}  // namespace vitrine::clicks
