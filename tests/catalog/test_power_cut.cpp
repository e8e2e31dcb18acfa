// SPDX-License-Identifier: MIT
/// Lets every operation on a file fail in turn, SQLite's own included, while everything that writes to a
/// catalogue is done; with and without a power cut afterwards that loses, tears and reorders what was not
/// synced. What is left is compared with an oracle that knows what was acknowledged.
#include <functional>
#include <map>
#include <memory>
#include <tuple>

#include "catalog/faulty_vfs.h"
#include "catalog/samples.h"
#include "catalog/store.h"
#include "faulty_files.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;
using catalog::Store;
using catalog::StoreOptions;

/// What a catalogue holds: key number -> content number, and a blob's text.
struct Content {
  std::map<int, int> items;
  std::string blob;
  friend bool operator==(const Content&, const Content&) = default;
};

constexpr int kMaxNumber = 1000;

bool is_item(const Item& found, const Item& expected) {
  const auto fields = [](const Item& item) {
    return std::tie(item.key, item.path, item.category, item.hash, item.file_size_bytes, item.modified_ns,
                    item.width_px, item.height_px, item.box_px, item.attributes_json, item.quality);
  };
  return fields(found) == fields(expected);
}

void put(Store& store, Content& wanted, int key_number, int content_number) {
  store.upsert(item_with(key_number, content_number), code_of(content_number), feature_of(content_number));
  wanted.items[key_number] = content_number;
}

void remove(Store& store, Content& wanted, int key_number) {
  if (const auto id = store.items().find(item_of(key_number).key)) store.remove(*id);
  wanted.items.erase(key_number);
}

/// What is there; an item that is not wholly what it was when it was put there is a failure.
Content content_of(const Store& store) {
  Content content;
  store.for_each_row([&](const Catalog::Row& row) {
    const Item item = store.items().item(row.id).value();
    const int number = static_cast<int>(item.hash.high);
    CHECK(is_item(item, item_with(std::stoi(item.key.product.substr(8)), number)));
    CHECK(std::vector<std::byte>(row.code.begin(), row.code.end()) == code_of(number));
    CHECK(std::vector<Half>(row.feature, row.feature + kFeatureDim) == feature_of(number));
    content.items[std::stoi(item.key.product.substr(8))] = number;
  });
  if (const auto bytes = store.blob("note"))
    content.blob.assign(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  for (const CatalogProblem& problem : store.verify())
    FAIL_CHECK(problem.file << ": " << problem.description);
  return content;
}

/// Commits once, at its end.
using Operation = std::function<void(Store&, Content&)>;

Operation batch(int number) {
  return [number](Store& store, Content& wanted) {
    for (int i = 0; i < 3; ++i) put(store, wanted, 2 * number + i, 100 * number + i);
    remove(store, wanted, number - 1);
    store.commit();
  };
}

Operation sharing(int key_number) {
  return [key_number](Store& store, Content& wanted) {
    put(store, wanted, key_number, 1);
    store.upsert_sharing(item_with(key_number + 1, 1), *store.items().find(item_of(key_number).key));
    wanted.items[key_number + 1] = 1;
    store.commit();
  };
}

Operation note(const std::string& text) {
  return [text](Store& store, Content& wanted) {
    store.set_blob("note", std::as_bytes(std::span(text)));
    wanted.blob = text;
    store.commit();
  };
}

void compact(Store& store, Content& /*wanted*/) {
  store.compact();
}

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = {
      batch(1),  batch(2), note(std::string(9000, 'a')), compact, sharing(kMaxNumber), batch(3), compact,
      note("b"), batch(4)};
  return all;
}

/// What was acknowledged, and what a crash may have brought instead: operations that were reported as failed
/// since, each as a whole.
struct Outcome {
  Content acknowledged;
  std::vector<Content> in_doubt;

  bool allows(const Content& found) const {
    return found == acknowledged || std::find(in_doubt.begin(), in_doubt.end(), found) != in_doubt.end();
  }
};

void perform(Store& store, const Operation& operation, Outcome& outcome) {
  Content wanted = outcome.acknowledged;
  try {
    operation(store, wanted);
    outcome = {std::move(wanted), {}};
  } catch (const Error& error) {
    INFO(error.what());
    CHECK((error.code() == ErrorCode::kResource || error.code() == ErrorCode::kIo));
    outcome.in_doubt.push_back(std::move(wanted));
  }
}

std::string text_of(const Content& content) {
  std::string text = content.blob.substr(0, 1) + std::to_string(content.blob.size());
  for (const auto& [key, number] : content.items)
    text += ' ' + std::to_string(key) + '=' + std::to_string(number);
  return text;
}

std::string texts_of(const std::vector<Content>& contents) {
  std::string text;
  for (const Content& content : contents) text += '[' + text_of(content) + ']';
  return text;
}

enum class Afterwards { kNothing, kPowerCut };

/// The number of the last operation on files that can fail. Only one in `stride` is made to.
int fail_operations(bool once, Afterwards afterwards, int stride) {
  const CatalogFolder folder;
  const EmptyShop original;
  FaultyFiles files;
  FaultyVfs vfs(files);
  // Two batches fill a segment, so that new ones begin.
  const StoreOptions options{.files = &files, .segment_limit_bytes = 700, .vfs = FaultyVfs::name()};
  int k = 0;
  for (bool failed = true; failed; k += stride) {
    original.copy_to(folder.shop());
    vfs.forget();
    Outcome outcome;
    INFO("operation " << k);
    {
      std::unique_ptr<Store> store;
      files.fail_at(k, once);
      try {
        store = std::make_unique<Store>(folder.shop(), Catalog::Mode::kReadWrite, options);
        for (const Operation& operation : operations()) perform(*store, operation, outcome);
      } catch (const Error&) {
        CHECK(!store);
      }
      failed = files.failed();
      // A process that dies does not tidy up; closing would.
      if (afterwards == Afterwards::kNothing) files.never_fail();
    }
    files.never_fail();
    if (afterwards == Afterwards::kPowerCut) {
      files.cut_power();
      vfs.cut_power(static_cast<std::uint64_t>(k));
    }
    Content found;
    {
      const Store reader(folder.shop(), Catalog::Mode::kReadOnly);
      found = content_of(reader);
      INFO("found " << text_of(found) << "; acknowledged " << text_of(outcome.acknowledged) << "; in doubt "
                    << texts_of(outcome.in_doubt));
      CHECK(outcome.allows(found));
    }
    Store again(folder.shop(), Catalog::Mode::kReadWrite, options);
    CHECK(content_of(again) == found);
    outcome = {found, {}};
    perform(again, batch(5), outcome);
    perform(again, compact, outcome);
    CHECK(outcome.in_doubt.empty());
    CHECK(content_of(again) == outcome.acknowledged);
  }
  return k;
}

}  // namespace

// A prime, so that no kind of operation is passed over again and again.
constexpr int kSample = 5;
constexpr int kMinOperations = 100;

TEST_CASE("whichever operation on a file fails once, SQLite's included, nothing acknowledged is lost") {
  CHECK(fail_operations(true, Afterwards::kNothing, kSample) > kMinOperations);
}

TEST_CASE("nor if the power is cut later") {
  CHECK(fail_operations(true, Afterwards::kPowerCut, kSample) > kMinOperations);
}

TEST_CASE("nor if everything fails from then on and the power is cut") {
  CHECK(fail_operations(false, Afterwards::kPowerCut, kSample) > kMinOperations);
}

TEST_CASE("every operation on a file made to fail in turn", "[.slow]") {
  const bool once = GENERATE(true, false);
  const Afterwards afterwards = GENERATE(Afterwards::kNothing, Afterwards::kPowerCut);
  const int num_operations = fail_operations(once, afterwards, 1);
  CHECK(num_operations > kMinOperations);
  WARN(num_operations << " operations failed " << (once ? "once" : "for good")
                      << (afterwards == Afterwards::kPowerCut ? ", then the power was cut" : ""));
}

TEST_CASE("a creation that fails anywhere, with a power cut, leaves a catalogue or none") {
  const CatalogFolder folder;
  FaultyFiles files;
  FaultyVfs vfs(files);
  const StoreOptions options{.files = &files, .vfs = FaultyVfs::name()};
  int k = 0;
  for (bool failed = true; failed; ++k) {
    fs::remove_all(folder.shop());
    vfs.forget();
    INFO("operation " << k);
    bool acknowledged = false;
    files.fail_at(k, k % 2 == 0);
    try {
      Store::create(folder.shop(), small_identity(), {}, options);
      acknowledged = true;
    } catch (const Error& error) {
      CHECK((error.code() == ErrorCode::kResource || error.code() == ErrorCode::kIo));
    }
    failed = files.failed();
    files.never_fail();
    files.cut_power();
    vfs.cut_power(static_cast<std::uint64_t>(k));
    const bool is_there = fs::exists(folder.shop() / "catalog.sqlite");
    CHECK((is_there || !acknowledged));
    if (is_there) {
      CHECK(Catalog::open(folder.shop()).verify().empty());
    } else {
      Store::create(folder.shop(), small_identity(), {}, options);
    }
    Catalog catalog = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
    add(catalog, 1);
    catalog.commit();
    CHECK(catalog.verify().empty());
  }
  CHECK(k > 15);
}

}  // namespace vitrine::test
