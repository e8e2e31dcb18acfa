// SPDX-License-Identifier: MIT
#include "vitrine/catalog.h"

#include <utility>

#include "catalog/store.h"

namespace vitrine {

// Keeps SQLite and the file layer out of the public header.
struct Catalog::Impl {
  std::unique_ptr<catalog::Store> store;
};

Catalog Catalog::create(const std::filesystem::path& folder, const CatalogIdentity& identity,
                        const std::filesystem::path& model) {
  return Catalog(std::make_unique<Impl>(Impl{catalog::Store::create(folder, identity, model)}));
}

Catalog Catalog::open(const std::filesystem::path& folder, Mode mode) {
  return Catalog(std::make_unique<Impl>(Impl{std::make_unique<catalog::Store>(folder, mode)}));
}

Catalog::Catalog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

ItemId Catalog::upsert(const Item& item, std::span<const std::byte> code, std::span<const Half> feature) {
  return impl_->store->upsert(item, code, feature);
}
ItemId Catalog::upsert_sharing(const Item& item, ItemId source) {
  return impl_->store->upsert_sharing(item, source);
}
void Catalog::update_metadata(ItemId id, const Item& item) {
  impl_->store->update_metadata(id, item);
}
bool Catalog::remove(ItemId id) {
  return impl_->store->remove(id);
}
void Catalog::set_blob(std::string_view name, std::span<const std::byte> bytes) {
  impl_->store->set_blob(name, bytes);
}
void Catalog::set_version(const ItemKey& key, std::int64_t version) {
  impl_->store->set_version(key, version);
}
void Catalog::commit() {
  impl_->store->commit();
}
void Catalog::rollback() {
  impl_->store->rollback();
}
void Catalog::compact() {
  impl_->store->compact();
}
bool Catalog::is_worth_compacting() const {
  return impl_->store->is_worth_compacting();
}

bool Catalog::is_newest() const {
  return impl_->store->is_newest();
}
bool Catalog::holds_log() const {
  return impl_->store->holds_log();
}
bool Catalog::is_replaced() const {
  return impl_->store->is_replaced();
}
Catalog Catalog::newest() const {
  return Catalog(std::make_unique<Impl>(Impl{impl_->store->newest()}));
}
std::optional<CatalogChanges> Catalog::changes_since(std::uint64_t state) const {
  return impl_->store->changes_since(state);
}

const CatalogIdentity& Catalog::identity() const {
  return impl_->store->facts().identity;
}
std::span<const std::byte> Catalog::catalog_id() const {
  return impl_->store->facts().catalog_id;
}
std::uint64_t Catalog::state() const {
  return impl_->store->state();
}
const std::filesystem::path& Catalog::folder() const {
  return impl_->store->folder();
}
Catalog::Mode Catalog::mode() const {
  return impl_->store->is_writable() ? Mode::kReadWrite : Mode::kReadOnly;
}
std::filesystem::path Catalog::model_path() const {
  return impl_->store->model_path();
}
std::optional<Item> Catalog::item(ItemId id) const {
  return impl_->store->items().item(id);
}
std::optional<std::vector<std::byte>> Catalog::blob(std::string_view name) const {
  return impl_->store->blob(name);
}
std::optional<ItemId> Catalog::find(const ItemKey& key) const {
  return impl_->store->items().find(key);
}
std::optional<std::int64_t> Catalog::version(const ItemKey& key) const {
  return impl_->store->versions().find(key);
}
void Catalog::for_each_version(
    const std::function<void(const ItemKey& key, std::int64_t version)>& visit) const {
  impl_->store->versions().for_each(visit);
}
std::optional<ItemId> Catalog::find_by_hash(const ContentHash& hash) const {
  return impl_->store->items().find_by_hash(hash);
}
ItemId Catalog::largest_id() const {
  return impl_->store->items().largest_id();
}
std::vector<ItemId> Catalog::items_of(std::string_view product) const {
  return impl_->store->items().items_of(product);
}
void Catalog::for_each_file(const std::function<void(const FileState&)>& visit) const {
  impl_->store->items().for_each_file(visit);
}
const Half* Catalog::feature(const RowAddress& address) const {
  return impl_->store->committed_feature(address);
}
void Catalog::check_feature(const RowAddress& address) const {
  impl_->store->check_feature(address);
}
std::span<const std::byte> Catalog::code(const RowAddress& address) const {
  const auto row = impl_->store->committed_row(address);
  return row ? row->code : std::span<const std::byte>();
}
void Catalog::for_each_row(const std::function<void(const Row&)>& visit, ItemId first) const {
  impl_->store->for_each_row(visit, first);
}
std::optional<Catalog::Row> Catalog::row(ItemId id) const {
  return impl_->store->row_of(id);
}
const std::vector<std::string>& Catalog::category_names() const {
  return impl_->store->category_names();
}
std::vector<std::string> Catalog::quality_columns() const {
  return impl_->store->quality_columns();
}
std::vector<ItemId> Catalog::select(std::string_view where) const {
  return impl_->store->select(where);
}
CatalogStats Catalog::stats() const {
  return impl_->store->stats();
}
void Catalog::back_up(const std::filesystem::path& folder) const {
  impl_->store->back_up(folder);
}
std::vector<CatalogProblem> Catalog::verify() const {
  return impl_->store->verify();
}

}  // namespace vitrine
