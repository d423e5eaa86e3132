#include "beckn/need_money.hpp"

#include "core/json_object.hpp"
#include "core/units.hpp"

#include <algorithm>

namespace headroom::beckn {
namespace {

flex::IntervalGrid share_of(const flex::IntervalGrid& wanted_w, std::int64_t ppm) {
    flex::IntervalGrid out = wanted_w;
    for (std::int64_t& power : out.values) {
        power = ppm == whole_ppm ? power : power * ppm / whole_ppm;
    }
    return out;
}

std::int64_t cost_of_awards(const Clearing& clearing) {
    std::int64_t sum = 0;
    for (const auto& [bid, award_w] : clearing.awards_w) {
        sum += cost_of_slots(award_w, clearing.price_per_mwh);
    }
    return sum;
}

/// Cleared for the largest share of what is wanted that costs no more than `limit`: what a clearing costs
/// never falls when more is wanted.
Clearing clear_for(const flex::IntervalGrid& wanted_w, const std::vector<StandingBid>& bids,
                   std::int64_t limit) {
    Clearing all = clear(wanted_w, bids);
    if (cost_of_awards(all) <= limit) {
        return all;
    }
    std::int64_t fits = 0;
    std::int64_t too_much = whole_ppm;
    while (fits + 1 < too_much) {
        const std::int64_t middle = fits + (too_much - fits) / 2;
        const Clearing some = clear(share_of(wanted_w, middle), bids);
        (cost_of_awards(some) <= limit ? fits : too_much) = middle;
    }
    return clear(share_of(wanted_w, fits), bids);
}

json::Value as_json(const SpendLimit& limit) {
    return json::object({{"micro", limit.micro}, {"rule", limit.rule}, {"detail", limit.detail}});
}

json::Value as_json(const MeterRule& rule) {
    return json::object({{"refused", rule.refused},
                         {"closed", json::Array(rule.closed.begin(), rule.closed.end())},
                         {"hours", rule.hours}});
}

/// Slots in which the curve offers anything.
bool offers_in(const std::vector<flex::BidStep>& steps) {
    return std::any_of(steps.begin(), steps.end(),
                       [](const flex::BidStep& step) { return step.power_w > 0; });
}

}  // namespace

json::Value to_json(const NeedMoney& money) {
    json::Object by_peer;
    for (const auto& [peer, limit] : money.by_peer) {
        by_peer.set(peer, as_json(limit));
    }
    json::Object refused;
    for (const auto& [peer, why] : money.refused) {
        refused.set(peer, why);
    }
    json::Object out = json::object({{"in_all", money.in_all ? as_json(*money.in_all) : json::Value()},
                                     {"by_peer", std::move(by_peer)},
                                     {"refused", std::move(refused)}});
    json::Object meters;
    for (const auto& [peer, rules] : money.meters) {
        json::Object of_peer;
        for (const auto& [meter, rule] : rules) {
            of_peer.set(meter, as_json(rule));
        }
        meters.set(peer, std::move(of_peer));
    }
    if (!money.meters.empty()) {
        out.set("meters", std::move(meters));
    }
    return out;
}

std::int64_t cost_of_slots(const flex::IntervalGrid& power_w, const flex::IntervalGrid& price_per_mwh) {
    std::int64_t sum = 0;
    for (std::size_t slot = 0; slot < power_w.values.size(); ++slot) {
        // To the next watt-hour: a contract's lines are rounded in their own way, and none comes to more.
        constexpr std::int64_t hour_ms = 3'600'000;
        const std::int64_t watt_ms = power_w.values[slot] * power_w.step.count();
        sum += cost_of(WattHours{(watt_ms + hour_ms - 1) / hour_ms},
                       MicroPoundsPerMwh{price_per_mwh.values[slot]})
                   .value +
               (watt_ms % hour_ms == 0 ? 0 : 1);
    }
    return sum;
}

std::optional<std::string> NeedMoney::refusal(const std::string& peer, std::int64_t micro) const {
    if (const auto banned = refused.find(peer); banned != refused.end()) {
        return banned->second;
    }
    const auto own = by_peer.find(peer);
    if (own != by_peer.end() && micro > own->second.micro) {
        return own->second.sentence();
    }
    return in_all && micro > in_all->micro ? std::optional(in_all->sentence()) : std::nullopt;
}

std::optional<std::string> NeedMoney::barred(const std::string& peer, const std::vector<std::string>& named,
                                             const std::vector<std::vector<flex::BidStep>>& curve) const {
    const auto rules = meters.find(peer);
    if (rules == meters.end()) {
        return std::nullopt;
    }
    for (const auto& [meter, rule] : rules->second) {
        if (!meter.empty() && std::find(named.begin(), named.end(), meter) == named.end()) {
            continue;
        }
        const std::string whose = meter.empty() ? "" : "meter " + meter + ", ";
        if (!rule.refused.empty()) {
            return whose + rule.refused;
        }
        for (std::size_t slot = 0; slot < std::min(curve.size(), rule.closed.size()); ++slot) {
            if (rule.closed[slot] && offers_in(curve[slot])) {
                return whose + "slot " + std::to_string(slot + 1) + ", " + rule.hours;
            }
        }
    }
    return std::nullopt;
}

ClearingWithin clear_within(const flex::IntervalGrid& wanted_w, std::vector<StandingBid> bids,
                            const std::map<std::string, std::string>& peer_of, const NeedMoney& money,
                            const std::map<std::string, std::string>& barred) {
    ClearingWithin out;
    for (const auto& [bid, why] : barred) {
        out.refused.emplace(bid, why);
        out.held_back.push_back(why);
    }
    std::erase_if(bids, [&barred](const StandingBid& bid) { return barred.contains(bid.id); });
    const auto leave_out = [&](const std::string& peer, const std::string& why) {
        for (const StandingBid& bid : bids) {
            if (peer_of.at(bid.id) == peer) {
                out.refused.emplace(bid.id, why);
            }
        }
        std::erase_if(bids, [&](const StandingBid& bid) { return peer_of.at(bid.id) == peer; });
        out.held_back.push_back(why);
    };
    for (const auto& [peer, why] : money.refused) {
        if (std::any_of(bids.begin(), bids.end(),
                        [&](const StandingBid& bid) { return peer_of.at(bid.id) == peer; })) {
            leave_out(peer, why);
        }
    }
    for (bool is_settled = false; !is_settled;) {
        is_settled = true;
        out.clearing = money.in_all
                           ? clear_for(wanted_w, bids, std::max<std::int64_t>(0, money.in_all->micro))
                           : clear(wanted_w, bids);
        std::map<std::string, std::int64_t> cost;
        for (const auto& [bid, award_w] : out.clearing.awards_w) {
            cost[peer_of.at(bid)] += cost_of_slots(award_w, out.clearing.price_per_mwh);
        }
        for (const auto& [peer, micro] : cost) {
            const auto own = money.by_peer.find(peer);
            if (own != money.by_peer.end() && micro > own->second.micro) {
                leave_out(peer, own->second.sentence());
                is_settled = false;
                break;
            }
        }
    }
    if (money.in_all && clear(wanted_w, bids).cleared_w != out.clearing.cleared_w) {
        out.held_back.push_back(money.in_all->sentence());
    }
    return out;
}

}  // namespace headroom::beckn
