// SPDX-License-Identifier: MIT
#pragma once
/// Everything a host needs to index and search pictures. Hosts that bring their own vectors include
/// vitrine/hamming_index.h, vitrine/rerank.h and vitrine/category.h alone and link vitrine::index.
#include "vitrine/binarized_embedder.h"
#include "vitrine/catalog.h"
#include "vitrine/catalog_categories.h"
#include "vitrine/category.h"
#include "vitrine/click_log.h"
#include "vitrine/click_simulation.h"
#include "vitrine/clicks.h"
#include "vitrine/duplicates.h"
#include "vitrine/embed_pictures.h"
#include "vitrine/embedder.h"
#include "vitrine/engine.h"
#include "vitrine/error.h"
#include "vitrine/evaluate.h"
#include "vitrine/hamming_index.h"
#include "vitrine/image.h"
#include "vitrine/ingest.h"
#include "vitrine/rerank.h"
#include "vitrine/search_index.h"
#include "vitrine/triplets.h"
