#pragma once

#include "beckn/envelope.hpp"

#include <string>

namespace headroom::beckn::rc1 {

/// The JSONPath by which a discovery service finds the resources of a feeder that fit an intent of ours.
[[nodiscard]] std::string filter_of(const SearchIntent& intent);

}  // namespace headroom::beckn::rc1
