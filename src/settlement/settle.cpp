#include "core/units.hpp"
#include "settlement/baseline.hpp"
#include "settlement/payment.hpp"
#include "settlement/statement.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace headroom::settlement {

namespace {

constexpr std::int64_t version_max = 1'000'000;
constexpr std::int64_t cap_ppm_max = 10 * whole_ppm;

std::string name_of(const SettlementLineInput& line) {
    return "line of " + line.der + " under " + line.transaction;
}

auto key_of(const SettlementLineInput& line) {
    return std::tie(line.provider, line.transaction, line.der);
}

Result<void> check_line(const SettlementLineInput& line) {
    const auto invalid = [&line](const std::string& why) {
        return Error{Errc::invalid, name_of(line) + ": " + why};
    };
    if (line.instructed_wh.empty() || line.instructed_wh.size() > periods_max) {
        return invalid(std::to_string(line.instructed_wh.size()) + " periods; 1 to 96 can be settled");
    }
    if (floor_period(line.start) != line.start || floor_period(line.meter.start) != line.meter.start) {
        return invalid("start or meter does not lie on the half-hours");
    }
    const auto fits = [](std::int64_t wh) { return wh >= -period_wh_max && wh <= period_wh_max; };
    for (const std::int64_t wh : line.instructed_wh) {
        if (wh < 0 || !fits(wh)) {
            return invalid("instructed energy of " + std::to_string(wh) + " Wh is out of range");
        }
    }
    const bool meter_ok = std::all_of(line.meter.wh.begin(), line.meter.wh.end(),
                                      [&fits](const auto& wh) { return !wh || fits(*wh); });
    if (!meter_ok || !std::all_of(line.supplied_wh.begin(), line.supplied_wh.end(), fits)) {
        return invalid("a reading or supplied baseline is out of range");
    }
    if (line.meter.der != line.der) {
        return invalid("the meter is that of " + line.meter.der);
    }
    const bool prices_ok = line.utilisation.value >= 0 && line.utilisation.value <= price_max &&
                           line.availability_per_mw_h.value >= 0 &&
                           line.availability_per_mw_h.value <= price_max;
    const bool armed_ok = line.armed_w >= 0 && line.armed_w <= 1'000'000'000 && line.armed_ms >= 0 &&
                          line.armed_ms <= 366LL * 86'400'000;
    if (!prices_ok || !armed_ok) {
        return invalid("a price, the armed power or its time is out of range");
    }
    return check_curve(line.curve);
}

Result<void> check_input(const SettlementInput& input) {
    if (input.lines.size() > lines_max) {
        return Error{Errc::invalid, "event " + input.event.value + " has more than 10000 lines"};
    }
    if (input.version < 1 || input.version > version_max) {
        return Error{Errc::invalid,
                     "version of the statement of event " + input.event.value + " is out of range"};
    }
    if (input.delivery_cap_ppm < 0 || input.delivery_cap_ppm > cap_ppm_max) {
        return Error{Errc::invalid, "delivery_cap_ppm of event " + input.event.value + " is out of range"};
    }
    for (std::size_t i = 0; i < input.lines.size(); ++i) {
        if (const Result<void> checked = check_line(input.lines[i]); !checked) {
            return checked;
        }
        if (i > 0 && !(key_of(input.lines[i - 1]) < key_of(input.lines[i]))) {
            return Error{Errc::invalid,
                         name_of(input.lines[i]) +
                             ": lines must be sorted by (provider, transaction, der), each once"};
        }
    }
    return {};
}

/// What the lines so far and in all instructed one DER in one period.
struct Instructed {
    std::int64_t before = 0;
    std::int64_t total = 0;
    std::size_t lines = 0;
};
using InstructedByDer = std::map<std::pair<std::string, UtcTime>, Instructed>;

UtcTime period_at(const SettlementLineInput& line, std::size_t index) {
    return line.start + period_length * static_cast<std::int64_t>(index);
}

std::optional<std::int64_t> reading_at(const MeterHistory& meter, UtcTime at) {
    if (at < meter.start) {
        return std::nullopt;
    }
    const auto index = static_cast<std::size_t>((at - meter.start) / period_length);
    return index < meter.wh.size() ? meter.wh[index] : std::nullopt;
}

/// The part of `delivered` that falls to a line which instructed `own` after others had instructed
/// `sum.before`. Running sums are rounded, so that the parts of all lines add up to the whole.
std::int64_t share_of(std::int64_t delivered, const Instructed& sum, std::int64_t own) {
    if (sum.lines <= 1) {
        return delivered;
    }
    return multiply_divide_half_even(delivered, sum.before + own, sum.total) -
           multiply_divide_half_even(delivered, sum.before, sum.total);
}

/// Delivery of one line: its periods with a reading. Clears nothing of what was asked.
void verify(const SettlementLineInput& line, std::int64_t cap_ppm, InstructedByDer& instructed,
            Delivery& delivery) {
    for (std::size_t i = 0; i < line.instructed_wh.size(); ++i) {
        const UtcTime at = period_at(line, i);
        const std::int64_t asked = line.instructed_wh[i];
        const std::optional<std::int64_t> actual = reading_at(line.meter, at);
        Instructed& sum = instructed[{line.der, at}];
        if (!actual) {
            if (asked > 0) {
                delivery.state = "PENDING_DATA";
                delivery.reason += (delivery.reason.empty() ? "no reading for " : ", ") + format_utc(at);
            }
            continue;
        }
        const std::int64_t baseline = delivery.baseline.wh[i];
        const std::int64_t moved = line.turn_up ? *actual - baseline : baseline - *actual;
        DeliveryPeriod period;
        period.period = at;
        period.instructed = WattHours{asked};
        period.baseline = WattHours{baseline};
        period.actual = WattHours{*actual};
        period.delivered = WattHours{asked > 0 ? share_of(moved, sum, asked) : moved};
        const std::int64_t most = multiply_divide_half_even(asked, cap_ppm, whole_ppm);
        period.payable = WattHours{std::min(std::max<std::int64_t>(period.delivered.value, 0), most)};
        delivery.periods.push_back(period);
        if (asked > 0 && sum.lines > 1 &&
            std::find(delivery.baseline.flags.begin(), delivery.baseline.flags.end(), "SHARED_DER") ==
                delivery.baseline.flags.end()) {
            delivery.baseline.flags.emplace_back("SHARED_DER");
        }
        sum.before += asked;
    }
}

Result<Delivery> make_delivery(const SettlementLineInput& line, const Calendar& calendar,
                               std::int64_t cap_ppm, InstructedByDer& instructed) {
    const std::string id = line.baseline_profile.empty() ? "bl01" : line.baseline_profile;
    const BaselineProfile* profile = find_baseline_profile(id);
    if (profile == nullptr) {
        return Error{Errc::invalid, name_of(line) + ": baseline profile '" + id + "' is not known here"};
    }
    const BaselineQuestion question{line.start, line.instructed_wh.size(), line.meter, line.event_days,
                                    line.supplied_wh};
    Result<BaselineAnswer> answer = make_baseline(*profile, question, calendar);
    if (!answer) {
        return Error{answer.error().code, name_of(line) + ": " + answer.error().message};
    }
    Delivery delivery;
    delivery.der = line.der;
    delivery.transaction = line.transaction;
    delivery.baseline = std::move(answer->baseline);
    delivery.state = "VERIFIED";
    const bool was_asked = std::any_of(line.instructed_wh.begin(), line.instructed_wh.end(),
                                       [](std::int64_t wh) { return wh > 0; });
    if (!answer->hold.empty()) {
        // Nothing was asked: then nothing is owed, with or without a baseline.
        delivery.state = was_asked ? "NO_BASELINE" : "VERIFIED";
        delivery.reason = answer->hold;
        return delivery;
    }
    verify(line, delivery_cap_ppm(line.curve, cap_ppm), instructed, delivery);
    if (!line.hold.empty() && was_asked && delivery.state == "VERIFIED") {
        delivery.state = "HELD";
        delivery.reason = line.hold;
    }
    return delivery;
}

StatementLine make_line(const SettlementLineInput& line, const Delivery& delivery) {
    StatementLine made;
    made.der = line.der;
    made.transaction = line.transaction;
    made.provider = line.provider;
    made.state = delivery.state;
    for (const std::int64_t wh : line.instructed_wh) {
        made.instructed += WattHours{wh};
    }
    const PaymentBasis basis = basis_of(line.curve);
    for (const DeliveryPeriod& period : delivery.periods) {
        if (period.instructed.value == 0) {
            continue;
        }
        made.delivered += period.delivered;
        made.payable += period.payable;
        const Share factor = factor_at(line.curve, period.delivered, period.instructed);
        const WattHours paid = basis == PaymentBasis::delivered ? period.payable : period.instructed;
        made.utilisation += utilisation_of(paid, line.utilisation, factor);
    }
    made.availability =
        availability_of(Watts{line.armed_w}, milliseconds{line.armed_ms}, line.availability_per_mw_h);
    if (delivery.state != "VERIFIED") {
        made.utilisation = MicroPounds{};  // on hold as a whole: part of a line is never paid
        made.availability = MicroPounds{};
    }
    made.total_pence = round_to_pence(made.utilisation + made.availability);
    return made;
}

std::string worst_state(const std::vector<StatementLine>& lines) {
    const auto any = [&lines](std::string_view state) {
        return std::any_of(lines.begin(), lines.end(),
                           [state](const StatementLine& line) { return line.state == state; });
    };
    for (const char* state : {"PENDING_DATA", "NO_BASELINE", "HELD"}) {
        if (any(state)) {
            return state;
        }
    }
    return "VERIFIED";
}

}  // namespace

Result<SettlementResult> settle(const SettlementInput& input) {
    if (const Result<void> checked = check_input(input); !checked) {
        return checked.error();
    }
    InstructedByDer instructed;
    for (const SettlementLineInput& line : input.lines) {
        for (std::size_t i = 0; i < line.instructed_wh.size(); ++i) {
            if (line.instructed_wh[i] > 0) {
                Instructed& sum = instructed[{line.der, period_at(line, i)}];
                sum.total += line.instructed_wh[i];
                ++sum.lines;
            }
        }
    }

    const Calendar calendar = Calendar::england_and_wales();
    SettlementResult result;
    result.statement.id = input.statement_id;
    result.statement.event = input.event;
    result.statement.version = input.version;
    for (const SettlementLineInput& line : input.lines) {
        Result<Delivery> delivery = make_delivery(line, calendar, input.delivery_cap_ppm, instructed);
        if (!delivery) {
            return delivery.error();
        }
        StatementLine made = make_line(line, *delivery);
        result.statement.delivered += made.delivered;
        result.statement.total += made.utilisation + made.availability;
        result.statement.total_pence += made.total_pence;
        if (result.statement.total.value > amount_max) {
            return Error{Errc::invalid, "the statement of event " + input.event.value +
                                            " is beyond what can be written down exactly"};
        }
        result.statement.lines.push_back(std::move(made));
        result.deliveries.push_back(std::move(*delivery));
    }
    result.statement.state = worst_state(result.statement.lines);
    return result;
}

}  // namespace headroom::settlement
