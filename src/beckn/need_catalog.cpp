#include "beckn/need_catalog.hpp"

#include "beckn/need_parts.hpp"

namespace headroom::beckn {

Catalog open_needs(const NeedBoard& board, std::string_view feeder, UtcTime now) {
    Catalog catalog{.provider = board.house.subscriber_id, .provider_name = board.house.name};
    catalog.id = "needs";
    catalog.bpp_id = board.house.subscriber_id;
    catalog.bpp_uri = board.house.url;
    for (const auto& [id, need] : board.needs) {
        const bool is_open = need.state == NeedState::open && now < need.gate;
        if (is_open && (feeder.empty() || feeder == need.feeder)) {
            NeedLine line = need_parts::line_of(board, need, board.still_wanted(need));
            line.policy = need_parts::policy_of(need.rule);
            catalog.needs.push_back(std::move(line));
        }
    }
    return catalog;
}

}  // namespace headroom::beckn
