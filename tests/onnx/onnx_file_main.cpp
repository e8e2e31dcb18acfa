// SPDX-License-Identifier: MIT
#include <fstream>

#include "onnx/onnx_writer.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ofstream file(argv[1], std::ios::binary);
  file << vitrine::test::tiny_onnx(vitrine::test::tiny_network(128));
  file.close();
  return file ? 0 : 3;
}
