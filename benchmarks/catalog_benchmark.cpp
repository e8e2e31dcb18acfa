// SPDX-License-Identifier: MIT
// What the catalogue's promises cost: commits beside the bare fdatasync of the same disk, opening after kill
// -9, bytes an item before and after replacing all, searches beside a writer and beside a process that only
// computes as much, and how long another process waits for a commit. Prints one line a figure; `--items N`
// (100000), `--updates N` a second (20000),
// `--keep FOLDER` builds there and leaves the catalogue, which a later run takes for all
// but building and compacting.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/embedder.h"
#include "vitrine/engine.h"
#include "vitrine/error.h"
#include "vitrine/search_index.h"

namespace {

using namespace vitrine;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr std::size_t kBits = 512;
constexpr std::size_t kDim = 512;
constexpr std::size_t kBatch = 1000;
constexpr std::chrono::milliseconds kCommitEvery(30);
constexpr std::chrono::milliseconds kQueryEvery(5);
constexpr std::size_t kSearchThreads = 2;
constexpr double kSecondsBesideWriter = 10;

enum class Update { kPrice, kPicture };

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

/// Answers nothing: queries come with their codes.
class NoEmbedder final : public Embedder {
 public:
  NoEmbedder() {
    info_.fingerprint = info_.name = "benchmark";
    info_.code_bits = kBits;
    info_.feature_dim = kDim;
  }
  const ModelInfo& info() const override { return info_; }
  std::vector<Embedding> embed(std::span<const Image>) const override { return {}; }
  std::vector<FoundBox> find_boxes(const Image&, const DetectionOptions&) const override { return {}; }
  std::size_t preferred_batch() const override { return 1; }

 private:
  ModelInfo info_;
};

struct Given {
  std::vector<std::vector<std::byte>> codes;
  std::vector<Half> feature = std::vector<Half>(kDim, 0x2800);

  Given() {
    std::mt19937_64 random(1);
    for (int i = 0; i < 4096; ++i) {
      codes.emplace_back(kBits / 8);
      for (std::byte& byte : codes.back()) byte = static_cast<std::byte>(random());
    }
  }
  static Item item_of(std::size_t number, std::size_t picture) {
    Item item;
    item.key = {"product-" + std::to_string(number / 2), std::to_string(number % 2)};
    item.path = "/shop/pictures/" + std::to_string(number) + ".jpg";
    item.category = "category " + std::to_string(number % 50);
    item.hash = {number * 0x9e3779b97f4a7c15, number + picture};
    item.file_size_bytes = 40'000;
    item.width_px = item.height_px = 640;
    item.attributes_json = R"({"colour":"blue"})";
    item.quality = {{"price", static_cast<double>((number + picture) % 100)}};
    return item;
  }
  void put(Catalog& catalog, std::size_t number, std::size_t shift) const {
    catalog.upsert(item_of(number, shift), codes[(number * 31 + shift) % codes.size()], feature);
  }
  static void change_price(Catalog& catalog, std::size_t number, std::size_t price) {
    Item item = item_of(number, 0);
    item.quality["price"] = static_cast<double>(price);
    if (const std::optional<ItemId> id = catalog.find(item.key)) catalog.update_metadata(*id, item);
  }
  Embedding query(std::size_t number) const {
    Embedding embedding;
    embedding.code = codes[number % codes.size()];
    embedding.feature.assign(kDim, 0.04F);
    return embedding;
  }
};

Catalog create(const fs::path& folder) {
  const ModelInfo info = NoEmbedder().info();
  return Catalog::create(folder, {info.fingerprint, info.name, kBits, kDim});
}

double put_all(Catalog& catalog, const Given& given, std::size_t num_items, std::size_t shift) {
  const auto start = Clock::now();
  for (std::size_t i = 0; i < num_items; ++i) {
    given.put(catalog, i, shift);
    if ((i + 1) % kBatch == 0) catalog.commit();
  }
  catalog.commit();
  return static_cast<double>(num_items) / seconds_since(start);
}

double fdatasync_ms(const fs::path& folder) {
  const int file = ::open((folder / "probe").c_str(), O_WRONLY | O_CREAT, 0666);
  const std::vector<char> block(4096, 'x');
  std::vector<double> times;
  for (int i = 0; i < 100; ++i) {
    if (::pwrite(file, block.data(), block.size(), i * 4096) < 0) break;
    const auto start = Clock::now();
    ::fdatasync(file);
    times.push_back(1000 * seconds_since(start));
  }
  ::close(file);
  return percentile(times, 0.5);
}

double megabytes(const fs::path& folder) {
  return static_cast<double>(Catalog::open(folder).stats().disk_bytes) / 1e6;
}

Engine open_engine(const fs::path& folder) {
  return Engine::open(folder, std::make_shared<NoEmbedder>());
}

/// Works on the catalogue in a process of its own, telling the number of its commits, until it is killed. To
/// be made before this process opens the catalogue: SQLite must not be taken through a fork.
class Writer {
 public:
  struct Shared {
    std::atomic<std::uint64_t> num_commits = 0;
    std::atomic<Clock::rep> committed_at = 0;
    std::atomic<bool> may_start = false;
  };
  /// `work` begins when `start` is called.
  explicit Writer(const std::function<void(Shared&)>& work)
      : shared_(new (::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                            0)) Shared) {
    std::fflush(stdout);  // or the child would print it again
    child_ = ::fork();
    if (child_ != 0) return;
    try {
      while (!shared_->may_start) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      work(*shared_);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    ::_exit(0);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    ::munmap(shared_, sizeof(Shared));
  }
  void start() { shared_->may_start = true; }
  double cpu_seconds() const {
    clockid_t clock = 0;
    timespec time{};
    if (::clock_getcpuclockid(child_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }
  const Shared& shared() const { return *shared_; }

 private:
  Shared* shared_;
  pid_t child_ = -1;
};

[[noreturn]] void update_for_ever(const fs::path& shop, const Given& given, std::size_t num_items,
                                  Update update, std::size_t batch, Writer::Shared& shared) {
  Catalog catalog = Catalog::open(shop, Catalog::Mode::kReadWrite);
  // A catalogue that was kept is given other numbers than the last time: SQLite does not write the same
  // again.
  const auto start = static_cast<std::size_t>(Clock::now().time_since_epoch().count());
  auto due = Clock::now();
  for (std::size_t commit = 1;; ++commit) {
    due += kCommitEvery;  // after a slow commit it catches up, as with a feed that does not wait
    // All over the catalogue, as shoppers' wishes are.
    for (std::size_t i = 0; i < batch; ++i) {
      const std::size_t number = (commit * batch + i) * 7919 % num_items;
      if (update == Update::kPrice) {
        given.change_price(catalog, number, (start + commit) % 1000);
      } else {
        given.put(catalog, number, start + commit);
      }
    }
    const std::string text = std::to_string(commit);
    catalog.set_blob("commit", std::as_bytes(std::span(text)));
    catalog.commit();
    shared.committed_at = Clock::now().time_since_epoch().count();
    shared.num_commits = commit;
    std::this_thread::sleep_until(due);
  }
}

/// What a writer is compared with: touches nothing and computes for a share of the time, as often as it
/// commits.
[[noreturn]] void compute_for_ever(double share) {
  for (;;) {
    const auto begin = Clock::now();
    while (Clock::now() - begin < share * kCommitEvery) {
    }
    std::this_thread::sleep_until(begin + kCommitEvery);
  }
}

std::uint64_t commit_seen(const Engine& engine) {
  const auto bytes = engine.catalog()->blob("commit");
  if (!bytes) return 0;
  return std::stoull(std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()));
}

/// Of threads that ask at a steady rate; a search that begins late counts from when it should have begun.
std::vector<double> search_times_ms(const Engine& engine, const Given& given, double seconds) {
  const auto num_queries = static_cast<std::size_t>(seconds * 1000.0 / kQueryEvery.count());
  std::vector<double> times(num_queries * kSearchThreads);
  const auto begin = Clock::now();
  const auto search = [&](std::size_t thread) {
    for (std::size_t i = 0; i < num_queries; ++i) {
      const auto due = begin + i * kQueryEvery;
      std::this_thread::sleep_until(due);
      engine.search(given.query(i * kSearchThreads + thread));
      times[i * kSearchThreads + thread] = 1000 * seconds_since(due);
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kSearchThreads; ++thread) threads.emplace_back(search, thread);
  for (std::thread& thread : threads) thread.join();
  return times;
}

void report_search(const std::string& when, const std::vector<double>& times_ms) {
  std::printf("%-32s p50 %.2f ms, p99 %.2f ms\n", when.c_str(), percentile(times_ms, 0.5),
              percentile(times_ms, 0.99));
}

/// How much of a neighbour's effect on searches is that of its share of the processors.
void search_beside_computing(const Engine& engine, const Given& given, double share) {
  Writer neighbour([share](Writer::Shared&) { compute_for_ever(share); });
  neighbour.start();
  char when[64];
  std::snprintf(when, sizeof when, "beside %.0f %% of a core computing", 100 * share);
  report_search(when, search_times_ms(engine, given, kSecondsBesideWriter));
}

std::vector<double> visibility_ms(const Engine& engine, const Writer::Shared& shared, double seconds) {
  std::vector<double> delays;
  std::uint64_t last = 0;
  for (const auto begin = Clock::now(); seconds_since(begin) < seconds;) {
    const std::uint64_t seen = commit_seen(engine);
    // Only of the newest commit is the time known.
    if (seen > last && seen == shared.num_commits) {
      const Clock::time_point committed{Clock::duration(shared.committed_at.load())};
      delays.push_back(1000 * seconds_since(committed));
    }
    last = std::max(last, seen);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return delays;
}

void build(const fs::path& root, const fs::path& shop, const Given& given, std::size_t num_items) {
  std::printf("fdatasync of 4 KB, median        %.2f ms\n", fdatasync_ms(root));
  Catalog catalog = create(shop);
  std::printf("upserts in batches of %zu      %.0f /s\n", kBatch, put_all(catalog, given, num_items, 0));
  std::vector<double> times;
  for (std::size_t i = 0; i < 100; ++i) {
    const auto start = Clock::now();
    given.put(catalog, i, 9);
    catalog.commit();
    times.push_back(1000 * seconds_since(start));
  }
  std::printf("commit of one item, median       %.2f ms\n", percentile(times, 0.5));
  refresh_search_index(catalog);
  // What the system still has to write is no part of what follows.
  ::sync();
}

void search_beside_writer(const fs::path& shop, const Given& given, std::size_t num_items, Update update,
                          std::size_t updates_per_second) {
  refresh_search_index(Catalog::open(shop, Catalog::Mode::kReadWrite));
  const std::size_t batch = updates_per_second * static_cast<std::size_t>(kCommitEvery.count()) / 1000;
  std::optional<Writer> writer;
  writer.emplace(
      [&](Writer::Shared& shared) { update_for_ever(shop, given, num_items, update, batch, shared); });
  const Engine engine = open_engine(shop);
  report_search("search, idle", search_times_ms(engine, given, kSecondsBesideWriter));
  const double cpu_before = writer->cpu_seconds();
  writer->start();
  const std::vector<double> times = search_times_ms(engine, given, kSecondsBesideWriter);
  const double share = (writer->cpu_seconds() - cpu_before) / kSecondsBesideWriter;
  const double rate = static_cast<double>(writer->shared().num_commits * batch) / kSecondsBesideWriter;
  char when[64];
  std::snprintf(when, sizeof when, "beside %.0f new %s/s", rate,
                update == Update::kPrice ? "prices" : "pictures");
  report_search(when, times);
  report_search("visible in another process after", visibility_ms(engine, writer->shared(), 5));
  writer.reset();
  search_beside_computing(engine, given, share);
}

void report_opening(const fs::path& shop) {
  // The writer was killed, and the index's file is older than the catalogue.
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) {
    const auto start = Clock::now();
    open_engine(shop);
    times.push_back(seconds_since(start));
  }
  std::printf("open after kill -9, median of 5  %.3f s\n", percentile(times, 0.5));
}

void search_beside_compaction(const fs::path& shop, const Given& given) {
  refresh_search_index(Catalog::open(shop, Catalog::Mode::kReadWrite));
  Writer writer([&](Writer::Shared& shared) {
    const auto start = Clock::now();
    Catalog::open(shop, Catalog::Mode::kReadWrite).compact();
    std::printf("compact after replacing twice    %.1f s\n", seconds_since(start));
    std::fflush(stdout);
    shared.num_commits = 1;
  });
  const Engine engine = open_engine(shop);
  const std::vector<double> idle = search_times_ms(engine, given, kSecondsBesideWriter);
  writer.start();
  std::vector<double> times;
  const auto start = Clock::now();
  while (writer.shared().num_commits == 0) {
    const std::vector<double> more = search_times_ms(engine, given, 1);
    times.insert(times.end(), more.begin(), more.end());
  }
  const double seconds = seconds_since(start);
  report_search("search, idle", idle);
  report_search("search during compaction", times);
  search_beside_computing(engine, given, writer.cpu_seconds() / seconds);
}

void run(const fs::path& root, std::size_t num_items, std::size_t updates_per_second) {
  const Given given;
  const fs::path shop = root / "shop.vitrine";
  std::printf("items                            %zu\n", num_items);
  const bool is_new = !fs::exists(shop);
  if (is_new) build(root, shop, given, num_items);
  const double fresh_mb = megabytes(shop);
  if (is_new)
    std::printf("bytes an item                    %.0f\n", fresh_mb * 1e6 / static_cast<double>(num_items));
  search_beside_writer(shop, given, num_items, Update::kPrice, updates_per_second);
  report_opening(shop);
  search_beside_writer(shop, given, num_items, Update::kPicture, updates_per_second / 4);
  report_opening(shop);
  if (!is_new) return;
  {
    Catalog catalog = Catalog::open(shop, Catalog::Mode::kReadWrite);
    put_all(catalog, given, num_items, 1);
    put_all(catalog, given, num_items, 2);
  }
  search_beside_compaction(shop, given);
  refresh_search_index(Catalog::open(shop, Catalog::Mode::kReadWrite));
  std::printf("size then / fresh                %.3f\n", megabytes(shop) / fresh_mb);
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t num_items = 100'000;
  std::size_t updates_per_second = 20'000;
  fs::path kept;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--items") num_items = std::stoul(argv[i + 1]);
    if (option == "--updates") updates_per_second = std::stoul(argv[i + 1]);
    if (option == "--keep") kept = argv[i + 1];
  }
  const fs::path root =
      kept.empty() ? fs::temp_directory_path() / ("vitrine-catalog-benchmark-" + std::to_string(::getpid()))
                   : kept;
  fs::create_directories(root);
  int status = 0;
  try {
    run(root, num_items, updates_per_second);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    status = 1;
  }
  if (kept.empty()) fs::remove_all(root);
  return status;
}
