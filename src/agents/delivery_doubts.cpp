#include "agents/delivery_doubts.hpp"

#include "agents/meter_history.hpp"
#include "agents/trust_places.hpp"
#include "settlement/baseline.hpp"
#include "trust/earnings.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace headroom::agents {
namespace {

constexpr std::size_t day_periods = 48;
constexpr int earlier_days_max = 28;
constexpr minutes before_window{60};

/// The paid part of a delivery that lies on its first local day.
struct Paid {
    Date day{};
    UtcTime midnight{};
    UtcTime start{};
    UtcTime end{};
    double baseline_kw = 0.0;
    double instructed_kw = 0.0;
    bool is_even = true;  ///< the same power was told in every half-hour
};

std::optional<UtcTime> midnight_of(Date day) {
    return periods_in_day(day) == static_cast<int>(day_periods) ? std::optional(start_of_settlement_day(day))
                                                                : std::nullopt;
}

std::optional<Paid> paid_part(const settlement::Delivery& delivery) {
    Paid paid;
    std::int64_t baseline_wh = 0;
    std::int64_t first_wh = -1;
    std::int64_t instructed_wh = 0;
    std::int64_t periods = 0;
    for (const settlement::DeliveryPeriod& period : delivery.periods) {
        const Date day = settlement_period(period.period).date;
        if (period.instructed.value == 0 || (periods > 0 && day != paid.day)) {
            continue;
        }
        if (periods == 0) {
            const std::optional<UtcTime> midnight = midnight_of(day);
            if (!midnight) {
                return std::nullopt;
            }
            paid.day = day;
            paid.midnight = *midnight;
            paid.start = period.period;
            first_wh = period.instructed.value;
        }
        paid.end = period.period + period_length;
        paid.is_even = paid.is_even && period.instructed.value == first_wh;
        baseline_wh += period.baseline.value;
        instructed_wh += period.instructed.value;
        ++periods;
    }
    if (periods == 0 || paid.end - paid.start != period_length * periods) {
        return std::nullopt;
    }
    paid.baseline_kw = static_cast<double>(baseline_wh) * kw_of_wh / static_cast<double>(periods);
    paid.instructed_kw = static_cast<double>(instructed_wh) * kw_of_wh / static_cast<double>(periods);
    return paid;
}

trust::DeliveryDay day_of(const settlement::MeterHistory& meter, UtcTime midnight) {
    trust::DeliveryDay out{.load_kw = std::vector<double>(day_periods, unknown_kw)};
    for (std::size_t i = 0; i < day_periods; ++i) {
        const std::int64_t index = (midnight - meter.start) / period_length + static_cast<std::int64_t>(i);
        if (index >= 0 && index < static_cast<std::int64_t>(meter.wh.size())) {
            const std::optional<std::int64_t>& wh = meter.wh[static_cast<std::size_t>(index)];
            out.load_kw[i] = wh ? static_cast<double>(*wh) * kw_of_wh : unknown_kw;
        }
    }
    return out;
}

std::vector<trust::DeliveryDay> days_before(const settlement::SettlementLineInput& line, Date day) {
    std::vector<trust::DeliveryDay> out;
    for (int back = 1; back <= earlier_days_max; ++back) {
        const Date earlier = std::chrono::sys_days(day) - std::chrono::days(back);
        const bool has_event =
            std::find(line.event_days.begin(), line.event_days.end(), earlier) != line.event_days.end();
        const std::optional<UtcTime> midnight = has_event ? std::nullopt : midnight_of(earlier);
        if (midnight) {
            out.push_back(day_of(line.meter, *midnight));
        }
    }
    return out;
}

std::size_t slot_of(const Paid& paid, UtcTime at) {
    return at <= paid.midnight ? 0 : static_cast<std::size_t>((at - paid.midnight) / period_length);
}

std::optional<trust::Evidence> inflation_of(const settlement::SettlementLineInput& line, const Paid& paid,
                                            UtcTime known_at) {
    const settlement::BaselineProfile* const profile = settlement::find_baseline_profile(
        line.baseline_profile.empty() ? "bl01" : std::string_view(line.baseline_profile));
    if (profile == nullptr || profile->adjust == settlement::Adjust::none) {
        return std::nullopt;  // nothing that is taken after the call moves this baseline
    }
    const trust::DeliveryWindow window{
        .told = slot_of(paid, known_at),
        .start = slot_of(paid, paid.start),
        .end = slot_of(paid, paid.end),
        .baseline_kw = paid.baseline_kw,
        .adjusted_from = slot_of(paid, paid.start - hours{profile->adjust_from_h})};
    return trust::find_baseline_inflation(line.der, day_of(line.meter, paid.midnight),
                                          days_before(line, paid.day), window);
}

std::optional<trust::Evidence> flatness_of(const settlement::SettlementLineInput& line, const Paid& paid,
                                           const MinuteMeans& minutes) {
    if (!minutes) {
        return std::nullopt;
    }
    const std::vector<double> before = minutes(line.der, paid.start - before_window, paid.start);
    const std::vector<double> within = minutes(line.der, paid.start, paid.end);
    const double expected = paid.is_even ? paid.baseline_kw - paid.instructed_kw : unknown_kw;
    return trust::find_flat_delivery(line.der, before, within, expected);
}

}  // namespace

std::vector<DeliveryDoubt> find_delivery_doubts(const settlement::SettlementInput& input,
                                                const settlement::SettlementResult& result, UtcTime known_at,
                                                const MinuteMeans& minutes) {
    std::vector<DeliveryDoubt> out;
    for (std::size_t i = 0; i < std::min(input.lines.size(), result.deliveries.size()); ++i) {
        const settlement::SettlementLineInput& line = input.lines[i];
        const std::optional<Paid> paid = line.turn_up || result.statement.lines[i].payable.value <= 0
                                             ? std::nullopt
                                             : paid_part(result.deliveries[i]);
        if (!paid) {
            continue;
        }
        if (std::optional<trust::Evidence> found = inflation_of(line, *paid, known_at)) {
            out.push_back({i, trust::IncidentKind::baseline_inflation, std::move(*found)});
        }
        if (std::optional<trust::Evidence> found = flatness_of(line, *paid, minutes)) {
            out.push_back({i, trust::IncidentKind::flat_delivery, std::move(*found)});
        }
    }
    return out;
}

}  // namespace headroom::agents
