// A host that brings its own network as an ONNX file: indexes a folder of pictures and searches it with a
// photo. usage: onnx_host NETWORK.onnx FOLDER PHOTO SHOP
#include <vitrine/onnx.h>
#include <vitrine/vitrine.h>

#include <cstdio>
#include <memory>

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s NETWORK.onnx FOLDER PHOTO SHOP\n", argv[0]);
    return 2;
  }
  try {
    const std::shared_ptr<const vitrine::Embedder> network =
        vitrine::load_onnx_embedder(argv[1], vitrine::read_onnx_settings(argv[1]));
    const auto source = vitrine::list_folder(argv[2]);
    const auto binarizer = vitrine::learn_binarizer(*network, source);
    const auto embedder = vitrine::with_binarizer(network, binarizer);
    const auto& info = embedder->info();
    {
      auto catalog =
          vitrine::Catalog::create(argv[4], {info.fingerprint, info.name, info.code_bits, info.feature_dim});
      vitrine::store_binarizer(catalog, binarizer);
      const auto report = vitrine::ingest(catalog, *embedder, source);
      std::printf("%llu pictures added\n", static_cast<unsigned long long>(report.num_added));
    }
    const auto shop = vitrine::Engine::open(argv[4], embedder);
    const auto result = shop.search(vitrine::Image::read(argv[3]), {.k = 5});
    for (const auto& hit : result.hits) std::printf("%.3f  %s\n", hit.score, hit.product.c_str());
  } catch (const vitrine::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
}
