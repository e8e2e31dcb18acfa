// SPDX-License-Identifier: MIT
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "catalog/faulty_vfs.h"
#include "catalog/samples.h"
#include "catalog/store.h"
#include "faulty_files.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

void make_shop(const fs::path& folder, int num_items) {
  const fs::path model = folder.parent_path() / "model";
  write_bytes(model, "weights");
  Catalog catalog = Catalog::create(folder, small_identity(), model);
  for (int i = 0; i < num_items; ++i) add(catalog, i);
  catalog.set_version(item_of(0).key, 9);
  catalog.commit();
}

std::size_t num_entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

bool holds_item(const Catalog& catalog, int number) {
  bool found = false;
  catalog.for_each_row([&](const Catalog::Row& row) {
    if (catalog.item(row.id)->key != item_of(number).key) return;
    const auto code = code_of(number);
    const auto feature = feature_of(number);
    found = std::equal(code.begin(), code.end(), row.code.begin(), row.code.end()) &&
            std::equal(feature.begin(), feature.end(), row.feature);
  });
  return found;
}

constexpr int kBatchItems = 5;

// Adds to the last item's product number, batch after batch, until it is killed.
[[noreturn]] void write_for_ever(const fs::path& folder) {
  try {
    Catalog catalog = Catalog::open(folder, Catalog::Mode::kReadWrite);
    for (int batch = 1;; ++batch) {
      for (int i = 0; i < kBatchItems; ++i) add(catalog, batch * kBatchItems + i);
      if (batch % 3 == 0) catalog.remove(*catalog.find(item_of(batch).key));
      catalog.commit();
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  ::_exit(2);
}

}  // namespace

TEST_CASE("a backup is a catalogue of its own with all that the original holds") {
  const CatalogFolder folder;
  make_shop(folder.shop(), 7);
  const fs::path copy = folder.path() / "copy";
  Catalog::open(folder.shop()).back_up(copy.string() + "/");
  fs::remove_all(folder.shop());
  Catalog catalog = Catalog::open(copy, Catalog::Mode::kReadWrite);
  CHECK(catalog.verify().empty());
  CHECK(catalog.stats().num_items == 7);
  for (int i = 0; i < 7; ++i) CHECK(holds_item(catalog, i));
  CHECK(catalog.version(item_of(0).key) == 9);
  CHECK(read_bytes(catalog.model_path()) == "weights");
  add(catalog, 8);
  catalog.commit();
  CHECK(Catalog::open(copy).verify().empty());
}

TEST_CASE("a backup holds the state that its reader sees, not what was committed later or never") {
  const CatalogFolder folder;
  make_shop(folder.shop(), 3);
  const Catalog reader = Catalog::open(folder.shop());
  Catalog writer = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
  add(writer, 3);
  writer.commit();
  add(writer, 4);
  const fs::path of_reader = folder.path() / "of-reader";
  const fs::path of_writer = folder.path() / "of-writer";
  reader.back_up(of_reader);
  CHECK(Catalog::open(of_reader).stats().num_items == 3);
  CHECK(Catalog::open(of_reader).state() == reader.state());
  check_fails([&] { writer.back_up(of_writer); }, ErrorCode::kInvalidArgument, "not committed");
  writer.commit();
  writer.back_up(of_writer);
  CHECK(Catalog::open(of_writer).stats().num_items == 5);
}

TEST_CASE("a backup taken while another process writes equals one committed state") {
  const CatalogFolder folder;
  make_shop(folder.shop(), kBatchItems);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) write_for_ever(folder.shop());
  std::uint64_t before = 0;
  for (int round = 0; round < 12; ++round) {
    ::usleep(5000);
    const fs::path copy = folder.path() / ("copy" + std::to_string(round));
    const Catalog reader = Catalog::open(folder.shop());
    reader.back_up(copy);
    const Catalog catalog = Catalog::open(copy);
    CHECK(catalog.verify().empty());
    CHECK(catalog.state() == reader.state());
    std::vector<ItemKey> of_copy;
    std::vector<ItemKey> of_reader;
    catalog.for_each_row([&](const Catalog::Row& row) { of_copy.push_back(catalog.item(row.id)->key); });
    reader.for_each_row([&](const Catalog::Row& row) { of_reader.push_back(reader.item(row.id)->key); });
    CHECK(of_copy == of_reader);
    CHECK(catalog.stats().num_rows % kBatchItems == 0);
    before = std::max(before, catalog.stats().num_rows);
  }
  CHECK(::kill(child, SIGKILL) == 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(before > kBatchItems);  // the writer did write meanwhile
}

TEST_CASE("a backup never touches what is already there") {
  const CatalogFolder folder;
  make_shop(folder.shop(), 2);
  const fs::path file = folder.path() / "file";
  write_bytes(file, "mine");
  const fs::path link = folder.path() / "link";
  fs::create_symlink("nowhere", link);
  const std::size_t num_before = num_entries(folder.path());
  const Catalog catalog = Catalog::open(folder.shop());
  for (const fs::path& target : {file, folder.shop(), link})
    check_fails([&] { catalog.back_up(target); }, ErrorCode::kAlreadyExists, target.string());
  check_fails([&] { catalog.back_up(folder.path() / "no" / "where"); }, ErrorCode::kNotFound, "no/where");
  CHECK(read_bytes(file) == "mine");
  CHECK(num_entries(folder.path()) == num_before);
}

TEST_CASE("a damaged catalogue is not backed up") {
  const CatalogFolder folder;
  make_shop(folder.shop(), 2);
  const fs::path segment = folder.shop() / "segments/000001.vseg";
  std::string bytes = read_bytes(segment);
  bytes[bytes.size() - 64] = static_cast<char>(bytes[bytes.size() - 64] ^ 1);
  write_bytes(segment, bytes);
  const std::size_t num_before = num_entries(folder.path());
  check_fails([&] { Catalog::open(folder.shop()).back_up(folder.path() / "copy"); }, ErrorCode::kCorrupt,
              "000001.vseg");
  CHECK(num_entries(folder.path()) == num_before);
}

TEST_CASE("a backup whose k-th operation on a file fails leaves nothing, or a whole one at its last step") {
  const bool once = GENERATE(true, false);
  const CatalogFolder folder;
  make_shop(folder.shop(), 4);
  write_bytes(folder.shop() / "search.vhix", "rows");
  const std::size_t num_before = num_entries(folder.path());
  FaultyFiles files;
  FaultyVfs vfs(files);
  const catalog::Store store(folder.shop(), Catalog::Mode::kReadOnly,
                             {.files = &files, .vfs = FaultyVfs::name()});
  const fs::path copy = folder.path() / "copy";
  int k = 0;
  int num_whole = 0;
  for (bool failed = true; failed; ++k) {
    INFO("operation " << k);
    bool is_acknowledged = false;
    files.fail_at(k, once);
    try {
      store.back_up(copy);
      is_acknowledged = true;
    } catch (const Error& error) {
      INFO(error.what());
      CHECK((error.code() == ErrorCode::kResource || error.code() == ErrorCode::kIo));
    }
    failed = files.failed();
    files.never_fail();
    files.cut_power();
    vfs.forget();
    CHECK((failed || is_acknowledged));
    if (!fs::exists(copy)) {
      CHECK_FALSE(is_acknowledged);
      CHECK(num_entries(folder.path()) == num_before);
      continue;
    }
    ++num_whole;
    CHECK(Catalog::open(copy).verify().empty());
    CHECK(Catalog::open(copy).stats().num_items == 4);
    CHECK(read_bytes(copy / "search.vhix") == "rows");
    fs::remove_all(copy);
  }
  CHECK(k > 30);
  CHECK(num_whole > 1);
  CHECK(store.verify().empty());
}

TEST_CASE("a full disk fails the backup and leaves nothing, whichever file meets it") {
  const CatalogFolder folder;
  make_shop(folder.shop(), 2000);
  const std::size_t num_before = num_entries(folder.path());
  const Catalog catalog = Catalog::open(folder.shop());
  rlimit old_limit{};
  ::getrlimit(RLIMIT_FSIZE, &old_limit);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  for (const rlim_t limit_bytes : {rlim_t{4}, rlim_t{20'000}, rlim_t{200'000}}) {
    rlimit limit = old_limit;
    limit.rlim_cur = limit_bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::string failure;
    try {
      catalog.back_up(folder.path() / "copy");
    } catch (const Error& error) {
      failure = std::string(to_string(error.code())) + ": " + error.what();
    }
    ::setrlimit(RLIMIT_FSIZE, &old_limit);
    INFO(limit_bytes << " " << failure);
    CHECK_THAT(failure, Catch::StartsWith("resource: cannot"));
    CHECK(num_entries(folder.path()) == num_before);
  }
  std::signal(SIGXFSZ, old_handler);
  catalog.back_up(folder.path() / "copy");
}

}  // namespace vitrine::test
