// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace vitrine::test {

/// Writes a model of the right shapes with random weights, for input of 32 x 32 pixels: too stupid to
/// recognise anything but the very same picture, which is all these tests ask for. With a detector, it finds
/// boxes somewhere.
void write_random_model(const std::filesystem::path& path, const std::string& name, std::uint64_t seed,
                        const std::vector<std::string>& categories = {"fruit", "tools"},
                        bool with_detector = false);

}  // namespace vitrine::test
