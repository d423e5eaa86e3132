#include "contingency/experience.hpp"

#include "core/result.hpp"

#include <cstdlib>

namespace headroom::contingency {
namespace {

/// "-3.5 °C"
std::string degrees(std::int64_t milli_c) {
    const std::int64_t tenths = (milli_c + (milli_c < 0 ? -50 : 50)) / 100;
    return std::string(tenths < 0 ? "-" : "") + std::to_string(std::abs(tenths) / 10) + "." +
           std::to_string(std::abs(tenths) % 10) + " °C";
}

}  // namespace

std::string_view to_string(Doubt doubt) {
    switch (doubt) {
        case Doubt::weather:
            return "weather";
        case Doubt::topology:
            return "topology";
        case Doubt::residuals:
            return "residuals";
        case Doubt::several_over:
            return "several_over";
    }
    HEADROOM_ASSERT(false && "a doubt without a word");
    return {};
}

std::vector<DoubtReason> doubts_of(const Conditions& conditions) {
    std::vector<DoubtReason> doubts;
    if (const std::optional<std::int64_t> outdoor = conditions.outdoor_milli_c) {
        const bool is_colder = conditions.learnt_low_milli_c && *outdoor < *conditions.learnt_low_milli_c;
        const bool is_hotter = conditions.learnt_high_milli_c && *outdoor > *conditions.learnt_high_milli_c;
        if (is_colder || is_hotter) {
            doubts.push_back(
                {Doubt::weather, degrees(*outdoor) + " is expected; nothing " +
                                     (is_colder ? "below " + degrees(*conditions.learnt_low_milli_c)
                                                : "above " + degrees(*conditions.learnt_high_milli_c)) +
                                     " has been learnt from"});
        }
    }
    if (conditions.network_changed_at && conditions.learnt_until &&
        *conditions.network_changed_at > *conditions.learnt_until) {
        doubts.push_back({Doubt::topology, "the network changed at " +
                                               format_utc(*conditions.network_changed_at) +
                                               "; what serves has learnt nothing after " +
                                               format_utc(*conditions.learnt_until)});
    }
    if (conditions.feeders_over_limit > conditions.feeders_over_at_once_max) {
        doubts.push_back({Doubt::several_over, std::to_string(conditions.feeders_over_limit) +
                                                   " feeders are over their limits at once, more than " +
                                                   std::to_string(conditions.feeders_over_at_once_max)});
    }
    return doubts;
}

}  // namespace headroom::contingency
