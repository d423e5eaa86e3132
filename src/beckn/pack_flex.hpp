#pragma once

#include "beckn/pack.hpp"

// Our own pack: what the tag groups of 1.1 carry, as attributes. docs/formats/beckn-2.0.md
namespace headroom::beckn::lts {

void read_flex_resource(const Node& attributes, PackTarget& target);
void read_flex_offer(const Node& attributes, PackTarget& target);
void read_flex_line(const Node& attributes, PackTarget& target);
void read_flex_quote(const Node& attributes, PackTarget& target);

[[nodiscard]] json::Value write_flex_resource(const flex::Offer& offer);
[[nodiscard]] json::Value write_flex_offer(const flex::Offer& offer);
[[nodiscard]] json::Value write_flex_line(const OrderLine& line);
/// The power by slot; `is_offer` when the provider speaks.
[[nodiscard]] json::Value write_line_series(const OrderLine& line, bool is_offer);
[[nodiscard]] json::Value write_flex_quote(const Quote& quote);

}  // namespace headroom::beckn::lts
