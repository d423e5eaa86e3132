#pragma once

#include "feeds/provenance.hpp"
#include "feeds/ukpn_secondary.hpp"
#include "scenario/asset_set.hpp"

#include <span>

namespace headroom::scenario {

/// Adds secondary substations, and the low-voltage feeders that leave them, to a set of UK Power Networks'
/// sites. The rating of a substation is its transformers' ONAN rating; its peak the top of the published
/// utilisation band. Of a feeder no rating is published: that of a 400 A way is assumed, and the feeder is
/// marked as illustrative. Sites without a place or a rating, and feeders of substations that are not there,
/// are left out with a note.
void add_secondary(AssetSet& set, std::span<const feeds::ukpn::SecondarySite> sites,
                   std::span<const feeds::ukpn::LvFeeder> feeders, const feeds::Provenance& provenance);

}  // namespace headroom::scenario
