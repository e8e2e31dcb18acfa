// A host that indexes a folder of pictures and searches it with a photo. usage: full_host FOLDER PHOTO SHOP
// [MODEL]
#include <vitrine/vitrine.h>

#include <cstdio>
#include <filesystem>

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: %s FOLDER PHOTO SHOP [MODEL]\n", argv[0]);
    return 2;
  }
  try {
    const std::filesystem::path folder = argv[1], photo = argv[2], shop_path = argv[3];
    const std::filesystem::path model = argc > 4 ? argv[4] : DEFAULT_MODEL;
    const auto embedder = vitrine::load_embedder(model);
    const auto& info = embedder->info();
    auto catalog =
        std::filesystem::exists(shop_path)
            ? vitrine::Catalog::open(shop_path, vitrine::Catalog::Mode::kReadWrite)
            : vitrine::Catalog::create(
                  shop_path, {info.fingerprint, info.name, info.code_bits, info.feature_dim}, model);
    const auto report = vitrine::ingest(catalog, *embedder, vitrine::list_folder(folder));
    std::printf("%llu pictures added\n", static_cast<unsigned long long>(report.num_added));

    const auto shop = vitrine::Engine::open(shop_path);
    const auto result = shop.search(vitrine::Image::read(photo), {.k = 5});
    for (const auto& hit : result.hits) std::printf("%.3f  %s\n", hit.score, hit.product.c_str());
  } catch (const vitrine::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
}
