#pragma once

#include "beckn/pack.hpp"

// Energy for computing, in the published members of ComputeEnergyWindow and ComputeEnergyPricing.
namespace headroom::beckn::lts {

void read_compute_window(const Node& attributes, PackTarget& target);
void read_compute_pricing(const Node& attributes, PackTarget& target);

[[nodiscard]] json::Value write_compute_window(const flex::ComputeWindow& window);
[[nodiscard]] json::Value write_compute_pricing(const flex::ComputeWindow& window);

}  // namespace headroom::beckn::lts
