// SPDX-License-Identifier: MIT
#pragma once
/// Catalogues as earlier versions made them.
#include <filesystem>

namespace vitrine::test {

/// Writes the catalogue's database anew as version 1.2 did: without checksums in its pages.
void make_without_page_checksums(const std::filesystem::path& shop);

}  // namespace vitrine::test
