// SPDX-License-Identifier: MIT
#pragma once
/// The triplet objective of Visual Search at Alibaba (KDD 2018, section 4), as a free function.
#include "training/torch.h"

namespace vitrine::training {

/// Which rows of a batch's features make up its triplets: t of them, over m negatives. Triplets of one query
/// name the same row.
struct TripletRows {
  torch::Tensor queries;    ///< `[t]` int64
  torch::Tensor positives;  ///< `[t]` int64
  torch::Tensor negatives;  ///< `[m]` int64
  torch::Tensor compared;   ///< `[t, m]` bool: the negatives that a triplet is compared with
  torch::Tensor weights;    ///< `[t]` float, above 0: how much the triplet's click says
};

/// With L2-normalised `features` `[n, dim]` and the hinge
///
///     h(q, p, n) = [ ||q - p||^2 - ||q - n||^2 + margin ]+
///
/// the mean of h over all compared (triplet, negative) pairs, each weighted as its triplet w_t. With
/// `query_mean` every query speaks once, however many triplets and negatives it has:
///
///     1 / sum_q W_q  sum_q W_q  ( sum_{t of q} w_t sum_n h ) / ( sum_{t of q} w_t |N_t| )
///
/// where W_q is the mean weight of the query's triplets; with equal weights and one triplet a query this is
/// the paper's 1/|Q| sum_q 1/|N_q| sum_n h. Triplets that are compared with nothing do not count; 0 if none
/// is left.
torch::Tensor triplet_loss(const torch::Tensor& features, const TripletRows& rows, double margin,
                           bool query_mean);

}  // namespace vitrine::training
