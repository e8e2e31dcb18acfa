// SPDX-License-Identifier: MIT
#include <sys/stat.h>
#include <sys/wait.h>

#include <thread>

#include "catalog/samples.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

void make_shop(const fs::path& folder, int num_items) {
  Catalog catalog = Catalog::create(folder, small_identity());
  for (int i = 1; i <= num_items; ++i) add(catalog, i);
  catalog.commit();
}

/// Runs `call` as a user who may read but not write the folder; true if it returns true.
template <typename Call>
bool as_reader_without_rights(Call call) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) ::_exit(2);
    bool good = false;
    try {
      good = call();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void forbid_writing(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    ::chmod(entry.path().c_str(), entry.is_directory() ? 0555 : 0444);
  }
  ::chmod(folder.c_str(), 0555);
}

void allow_writing(const fs::path& folder) {
  ::chmod(folder.c_str(), 0755);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    ::chmod(entry.path().c_str(), entry.is_directory() ? 0755 : 0644);
  }
}

bool reads_all(const fs::path& folder, std::uint64_t num_items) {
  const Catalog catalog = Catalog::open(folder);
  return catalog.verify().empty() && catalog.stats().num_items == num_items;
}

}  // namespace

TEST_CASE("a catalogue in a folder that cannot be written can be read") {
  const CatalogFolder folder;
  make_shop(folder.shop(), 5);
  forbid_writing(folder.shop());
  CHECK(as_reader_without_rights([&] { return reads_all(folder.shop(), 5); }));
  allow_writing(folder.shop());
}

TEST_CASE("a bare copy without SQLite's log files can be read where nothing can be written") {
  const CatalogFolder folder;
  make_shop(folder.shop(), 5);
  fs::remove(folder.shop() / "catalog.sqlite-wal");
  fs::remove(folder.shop() / "catalog.sqlite-shm");
  forbid_writing(folder.shop());
  CHECK(as_reader_without_rights([&] { return reads_all(folder.shop(), 5); }));
  allow_writing(folder.shop());
}

TEST_CASE("damage is noticed without the right to write") {
  const CatalogFolder folder;
  make_shop(folder.shop(), 5);
  const fs::path database = folder.shop() / "catalog.sqlite";
  std::string bytes = read_bytes(database);
  bytes[bytes.find("/pictures/3.jpg")] ^= 1;
  write_bytes(database, bytes);
  const bool is_bare = GENERATE(false, true);
  if (is_bare) {
    fs::remove(folder.shop() / "catalog.sqlite-wal");
    fs::remove(folder.shop() / "catalog.sqlite-shm");
  }
  forbid_writing(folder.shop());
  CHECK(as_reader_without_rights([&] {
    const auto problems = Catalog::open(folder.shop()).verify();
    return problems.size() == 1 && problems[0].offset_bytes > 0;
  }));
  allow_writing(folder.shop());
}

TEST_CASE("a reader without the right to write follows a living writer") {
  const CatalogFolder folder;
  Catalog writer = Catalog::create(folder.shop(), small_identity());
  add(writer, 1);
  writer.commit();
  CHECK(as_reader_without_rights([&] { return reads_all(folder.shop(), 1); }));
  add(writer, 2);
  writer.commit();
  CHECK(as_reader_without_rights([&] { return reads_all(folder.shop(), 2); }));
}

TEST_CASE("readers keep their state while a writer fills and folds in its log") {
  const CatalogFolder folder;
  make_shop(folder.shop(), 3);
  const Catalog reader = Catalog::open(folder.shop());
  {
    Catalog writer = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
    for (int batch = 0; batch < 30; ++batch) {
      for (int i = 0; i < 100; ++i) add(writer, i);
      writer.commit();
    }
  }
  CHECK(reader.stats().num_items == 3);
  CHECK(reader.item(1)->key == item_of(1).key);
  CHECK(reader.verify().empty());
  CHECK(Catalog::open(folder.shop()).stats().num_items == 100);
}

// Closing any descriptor of a file drops all locks that the process has on it, and a writer that sees no lock
// folds its log in and cuts it off, however old the state is that others read.
TEST_CASE("a reader that opened the catalogue twice is still protected from a writer that closes it") {
  const CatalogFolder folder;
  make_shop(folder.shop(), 50);
  int to_writer[2];
  int from_writer[2];
  REQUIRE(::pipe(to_writer) == 0);
  REQUIRE(::pipe(from_writer) == 0);
  // Before SQLite knows the file in this process.
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  char byte = 0;
  if (child == 0) {
    {
      Catalog writer = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
      for (int number = 1; number <= 50; number += 2) add(writer, number);
      writer.commit();
      if (::write(from_writer[1], &byte, 1) != 1 || ::read(to_writer[0], &byte, 1) != 1) ::_exit(1);
      for (int number = 1; number <= 50; ++number) writer.remove(*writer.find(item_of(number).key));
      writer.commit();
    }
    ::_exit(0);
  }
  REQUIRE(::read(from_writer[0], &byte, 1) == 1);
  const Catalog reader = Catalog::open(folder.shop());
  Catalog::open(folder.shop());
  REQUIRE(::write(to_writer[1], &byte, 1) == 1);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(reader.verify().empty());
  for (int number = 1; number <= 50; ++number) {
    const auto id = reader.find(item_of(number).key);
    REQUIRE(id);
    CHECK(reader.item(*id)->path == item_of(number).path);
  }
  CHECK(Catalog::open(folder.shop()).stats().num_items == 0);
  for (const int end : {to_writer[0], to_writer[1], from_writer[0], from_writer[1]}) ::close(end);
}

TEST_CASE("several threads can ask one catalogue") {
  const CatalogFolder folder;
  make_shop(folder.shop(), 200);
  const Catalog catalog = Catalog::open(folder.shop());
  std::atomic<int> num_wrong{0};
  const auto ask = [&](int seed) {
    for (int i = 0; i < 100; ++i) {
      const int number = (seed * 37 + i) % 200 + 1;
      const auto id = catalog.find(item_of(number).key);
      if (!id || catalog.item(*id)->path != item_of(number).path) ++num_wrong;
      if (catalog.select("height = " + std::to_string(480 + number)).size() != 1) ++num_wrong;
      int num_rows = 0;
      catalog.for_each_row([&](const Catalog::Row&) { ++num_rows; });
      if (num_rows != 200) ++num_wrong;
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) threads.emplace_back(ask, t);
  for (std::thread& thread : threads) thread.join();
  CHECK(num_wrong == 0);
}

TEST_CASE("visiting functions may ask the catalogue again") {
  const CatalogFolder folder;
  make_shop(folder.shop(), 5);
  const Catalog catalog = Catalog::open(folder.shop());
  int num_found = 0;
  catalog.for_each_file([&](const FileState& state) {
    num_found += catalog.item(state.id)->path == state.path ? 1 : 0;
    num_found += catalog.select("path = '" + state.path + "'") == std::vector<ItemId>{state.id} ? 1 : 0;
  });
  CHECK(num_found == 10);
}

}  // namespace vitrine::test
