// SPDX-License-Identifier: MIT
// libFuzzer target. Build with Clang and -DVITRINE_BUILD_FUZZERS=ON; index_file_test.cpp replays what a
// fuzzer would try first.
#include <cstddef>
#include <cstdint>

#include "index/index_file_exerciser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(data[i]);
  vitrine::test::exercise_index_file(bytes);
  vitrine::test::repair_checksums(bytes);
  vitrine::test::exercise_index_file(bytes);
  return 0;
}
