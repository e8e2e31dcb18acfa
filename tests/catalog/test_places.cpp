// SPDX-License-Identifier: MIT
/// Where catalogues can lie: under any name, and where nothing can be written.
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalog/samples.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

/// Runs `check` where the folder is mounted for reading only, for this process alone. Nothing if the system
/// does not let us; true if it returns true.
template <typename Check>
std::optional<bool> on_read_only_mount(const fs::path& folder, Check check) {
  constexpr int kGood = 0;
  constexpr int kBad = 1;
  constexpr int kForbidden = 2;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const char* const path = folder.c_str();
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount(path, path, nullptr, MS_BIND, nullptr) != 0 ||
        ::mount(nullptr, path, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0)
      ::_exit(kForbidden);
    bool good = false;
    try {
      good = check();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    ::_exit(good ? kGood : kBad);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kForbidden) return std::nullopt;
  return WEXITSTATUS(status) == kGood;
}

bool reads_but_does_not_write(const fs::path& shop) {
  const Catalog catalog = Catalog::open(shop);
  if (!catalog.verify().empty() || catalog.stats().num_items != 1 || !catalog.is_newest()) return false;
  try {
    Catalog::open(shop, Catalog::Mode::kReadWrite);
  } catch (const Error& error) {
    return error.code() == ErrorCode::kIo &&
           std::string(error.what()).find("Read-only file system") != std::string::npos;
  }
  return false;
}

}  // namespace

TEST_CASE("a catalogue can have any name") {
  const CatalogFolder folder;
  const std::string name =
      GENERATE("with spaces and 'quotes'", "Schuhe für Übergrößen", "靴と鞄", "50%25 #1?mode=ro&vfs=none",
               "file:shop", "line\nend", "not \xff utf-8", "-o");
  INFO(name);
  const fs::path shop = folder.path() / name;
  write_bytes(folder.path() / "model", "weights");
  {
    Catalog catalog = Catalog::create(shop, small_identity(), folder.path() / "model");
    for (int i = 0; i < 9; ++i) add(catalog, i);
    catalog.commit();
    catalog.compact();
  }
  const Catalog catalog = Catalog::open(shop);
  CHECK(catalog.verify().empty());
  CHECK(catalog.stats().num_items == 9);
  const fs::path copy = folder.path() / (name + " copy");
  catalog.back_up(copy);
  CHECK(Catalog::open(copy, Catalog::Mode::kReadWrite).verify().empty());
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 3);
}

TEST_CASE("a catalogue on a file system for reading only is read, and not written to for that reason") {
  const CatalogFolder folder;
  {
    Catalog catalog = Catalog::create(folder.shop(), small_identity());
    add(catalog, 1);
    catalog.commit();
  }
  const bool is_bare = GENERATE(false, true);
  if (is_bare)
    for (const char* log : {"catalog.sqlite-wal", "catalog.sqlite-shm"}) fs::remove(folder.shop() / log);
  const auto is_right =
      on_read_only_mount(folder.shop(), [&] { return reads_but_does_not_write(folder.shop()); });
  if (!is_right) {
    WARN("the system does not let this user mount folders: not tried");
    return;
  }
  CHECK(*is_right);
}

}  // namespace vitrine::test
