// SPDX-License-Identifier: MIT
#pragma once
/// Makes an empty catalogue in steps that an interruption at any instant leaves redoable: the database is
/// built under another name and moved into place last, so a folder either has it (and is a catalogue) or can
/// be cleaned.
#include <filesystem>
#include <memory>

#include "base/files.h"
#include "catalog/writer_lock.h"
#include "vitrine/catalog.h"

namespace vitrine::catalog {

/// Returns the lock under which it was made. Errors: kInvalidArgument (identity), kNotFound (model),
/// kAlreadyExists, kResource, kIo.
std::unique_ptr<WriterLock> create_files(base::Files& files, const std::filesystem::path& folder,
                                         const CatalogIdentity& identity, const std::filesystem::path& model,
                                         const char* vfs);

}  // namespace vitrine::catalog
