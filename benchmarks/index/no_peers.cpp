// SPDX-License-Identifier: MIT
// Stands in for faiss_peers.cpp where FAISS is not installed.
#include "index/contender.h"
#include "vitrine/error.h"

namespace vitrine::benchmarks {

std::string peers_description() {
  return "none: built without FAISS";
}

std::vector<std::string_view> available_peers() {
  return {};
}

std::unique_ptr<Contender> make_peer(std::string_view name, std::size_t /*code_bits*/,
                                     std::size_t /*num_rows*/) {
  throw Error(ErrorCode::kInvalidArgument, "this build has no peer '" + std::string(name) +
                                               "': FAISS was not found when it was configured");
}

}  // namespace vitrine::benchmarks
