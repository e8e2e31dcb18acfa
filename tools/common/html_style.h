// SPDX-License-Identifier: MIT
#pragma once

namespace vitrine::tools {

/// The style sheet of the result page, light and dark.
extern const char* const kHtmlStyle;

}  // namespace vitrine::tools
