#include "agents/need_devices.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace headroom::agents {
namespace {

/// `total` among those who can take so much, by what they can take; what rounding leaves goes to the first
/// with room.
std::vector<std::int64_t> divided(std::int64_t total, const std::vector<std::int64_t>& room) {
    std::vector<std::int64_t> shares(room.size(), 0);
    const std::int64_t sum = std::accumulate(room.begin(), room.end(), std::int64_t{0});
    if (sum <= 0) {
        return shares;
    }
    total = std::min(total, sum);
    std::int64_t left = total;
    for (std::size_t i = 0; i < room.size(); ++i) {
        shares[i] = multiply_divide_half_even(total, room[i], sum);
        shares[i] = std::min({shares[i], room[i], left});
        left -= shares[i];
    }
    for (std::size_t i = 0; i < room.size() && left > 0; ++i) {
        const std::int64_t more = std::min(left, room[i] - shares[i]);
        shares[i] += more;
        left -= more;
    }
    return shares;
}

UtcTime first_slot_of(const flex::IntervalGrid& awarded) {
    const auto first = std::find_if(awarded.values.begin(), awarded.values.end(),
                                    [](std::int64_t watts) { return watts > 0; });
    return awarded.time_of(static_cast<std::size_t>(first - awarded.values.begin()));
}

}  // namespace

MayUse may_use_by(std::function<const flex::ProgrammeBook&()> book,
                  std::function<std::string(const std::string& provider)> subscriber_of) {
    return [book = std::move(book), subscriber_of = std::move(subscriber_of)](
               const std::string& der, const std::string& peer, UtcTime when) -> std::optional<Watts> {
        std::optional<Watts> power;
        const flex::ProgrammeBook& known = book();
        for (const flex::Enrolment& enrolment : known.enrolments) {
            const bool is_his = enrolment.provider == peer || subscriber_of(enrolment.provider) == peer;
            if (enrolment.der != der || !is_his) {
                continue;
            }
            for (const flex::Programme& programme : known.programmes) {
                if (programme.id == enrolment.programme &&
                    flex::standing_at(programme, enrolment, when) == flex::Standing::eligible) {
                    power = std::max(power.value_or(Watts{0}), enrolment.power);
                }
            }
        }
        return power;
    };
}

EventRecord devices_of(const beckn::PublishedNeed& need, const beckn::NeedOrder& order,
                       const grid::Network& network, const MayUse& may_use) {
    EventRecord record;
    record.overload.event = EventId{need.id};
    record.overload.feeder = need.feeder;
    record.overload.limit.asset = need.feeder;
    record.overload.limit.phase = grid::Phase::sum;
    record.overload.limit.direction = grid::Direction::import_;
    if (!order.awarded_w || order.awarded_w->values.empty()) {
        return record;
    }
    const flex::IntervalGrid& awarded = *order.awarded_w;
    record.overload.start = awarded.start;
    record.overload.end = awarded.end();
    record.transactions = {order.transaction()};
    std::vector<std::int64_t> room;
    for (const std::string& meter : order.line().meters) {
        const grid::Der* der = network.der(meter);
        if (der == nullptr || der->turn_down_max.value <= 0 ||
            (der->feeder.value != need.feeder && !network.is_supplied_by(der->feeder.value, need.feeder))) {
            continue;
        }
        const std::optional<Watts> usable = may_use(meter, order.peer, first_slot_of(awarded));
        if (!usable) {
            continue;
        }
        room.push_back(std::min(der->turn_down_max, *usable).value);
        flex::IntervalGrid power{.start = awarded.start, .step = awarded.step, .values = {}};
        record.assignments.push_back({.der = meter,
                                      .provider = order.peer,
                                      .transaction = order.transaction(),
                                      .offer = need.id,
                                      .power_w = std::move(power),
                                      .relief_ppm = 1'000'000,
                                      .baseline = {},
                                      .state = "armed",
                                      .instructions = {}});
    }
    const auto ours = static_cast<std::int64_t>(record.assignments.size());
    const auto all = static_cast<std::int64_t>(order.line().meters.size());
    for (const std::int64_t watts : awarded.values) {
        const std::int64_t part = ours == 0 ? 0 : multiply_divide_half_even(watts, ours, all);
        const std::vector<std::int64_t> shares = divided(part, room);
        for (std::size_t i = 0; i < shares.size(); ++i) {
            record.assignments[i].power_w.values.push_back(shares[i]);
        }
    }
    return record;
}

}  // namespace headroom::agents
