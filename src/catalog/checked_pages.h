// SPDX-License-Identifier: MIT
#pragma once
/// A layer between SQLite and its database file that ends every page with a checksum: filled in when a page
/// is written to the file, compared when it is read from there. The idea is that of SQLite's own extension
/// cksumvfs.
///
/// A database has checksums if its header reserves 8 bytes a page; others are read and written as ever. The
/// log has checksums of SQLite's; its pages get ours when a checkpoint copies them. What SQLite reads besides
/// whole pages are fields of the header, which it reads again with page 1. Pages are never mapped. Calls with
/// different connections may run concurrently.
#include <sqlite3.h>

#include <cstdint>
#include <vector>

namespace vitrine::catalog {

/// Name of the layer over SQLite's layer `base`; null: the system's. Errors: kInternal if there is none of
/// that name.
const char* checked_pages(const char* base);

/// Gives the pages of a database checksums that has no content yet.
void begin_with_page_checksums(sqlite3* connection);
/// Gives them to a database at its next VACUUM. It must write to a log: bringing pages without checksums back
/// from a rollback journal would fill them in.
void request_page_checksums(sqlite3* connection);
/// Takes a request back that no VACUUM has met.
void withdraw_page_checksums(sqlite3* connection);
/// Whether the pages have checksums in the state that the connection reads, if nothing is requested.
bool has_page_checksums(sqlite3* connection);

/// Where pages begin, in bytes, that this connection read and that did not match their checksums, the last
/// one at the end. SQLite's error for them is SQLITE_IOERR_DATA.
std::vector<std::uint64_t> damaged_pages(sqlite3* connection);

}  // namespace vitrine::catalog
