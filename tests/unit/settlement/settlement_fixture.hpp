#pragma once

#include "settlement/statement.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace headroom::settlement::test {

inline Date day(std::string_view text) {
    return parse_date(text).value();
}
inline UtcTime at(std::string_view text) {
    return parse_utc(text).value();
}
inline UtcTime period(std::string_view date, int number) {
    return start_of({day(date), number}).value();
}

/// A meter's half-hours, put in one by one; from `first` until the end of `last`, all missing at first.
class Meter {
  public:
    Meter(std::string der, std::string_view first, std::string_view last) {
        history_.der = std::move(der);
        history_.start = start_of_settlement_day(day(first));
        const Date after{std::chrono::sys_days(day(last)) + std::chrono::days{1}};
        history_.wh.resize(
            static_cast<std::size_t>((start_of_settlement_day(after) - history_.start) / period_length));
    }

    Meter& set(std::string_view date, int number, std::int64_t wh) {
        history_.wh.at(index(date, number)) = wh;
        return *this;
    }
    Meter& clear(std::string_view date, int number) {
        history_.wh.at(index(date, number)).reset();
        return *this;
    }
    /// The same value in every period that is still missing.
    Meter& fill(std::int64_t wh) {
        for (auto& value : history_.wh) {
            value = value.value_or(wh);
        }
        return *this;
    }
    [[nodiscard]] const MeterHistory& history() const { return history_; }

  private:
    [[nodiscard]] std::size_t index(std::string_view date, int number) const {
        return static_cast<std::size_t>((period(date, number) - history_.start) / period_length);
    }
    MeterHistory history_;
};

/// Worked example A: Thursday 15 January 2026, periods 35 and 36, turn-down.
inline Meter example_a() {
    Meter meter("D-1", "2025-11-10", "2026-01-15");
    const std::map<std::string, std::pair<std::int64_t, std::int64_t>> days{
        {"2026-01-14", {520'000, 540'000}}, {"2026-01-13", {508'000, 526'000}},
        {"2026-01-12", {515'000, 533'000}}, {"2026-01-09", {498'000, 512'000}},
        {"2026-01-07", {530'000, 548'000}}, {"2026-01-06", {512'000, 530'000}},
        {"2026-01-05", {505'000, 523'000}}, {"2026-01-02", {488'000, 502'000}},
        {"2025-12-31", {470'000, 486'000}}, {"2025-12-30", {494'000, 510'000}}};
    const std::vector<std::int64_t> window{440'000, 442'000, 445'000, 450'000, 458'000, 470'000};
    for (const auto& [date, wh] : days) {
        meter.set(date, 35, wh.first).set(date, 36, wh.second);
        for (int i = 0; i < 6; ++i) {
            meter.set(date, 27 + i, window[static_cast<std::size_t>(i)]);
        }
    }
    const std::vector<std::int64_t> actual{452'000, 450'000, 457'000, 466'000, 470'000, 482'000};
    for (int i = 0; i < 6; ++i) {
        meter.set("2026-01-15", 27 + i, actual[static_cast<std::size_t>(i)]);
    }
    meter.set("2026-01-15", 35, 396'000).set("2026-01-15", 36, 418'500);
    meter.fill(300'000);
    return meter;
}

inline const std::vector<Date> event_days_a{day("2026-01-08")};

/// Example A as a line: 250 kW asked for an hour at 240 GBP/MWh.
inline SettlementLineInput line_a() {
    SettlementLineInput line;
    line.der = "D-1";
    line.transaction = "T-1";
    line.provider = "P-1";
    line.baseline_profile = "bl01";
    line.start = period("2026-01-15", 35);
    line.instructed_wh = {125'000, 125'000};
    line.utilisation = MicroPoundsPerMwh{240'000'000};
    line.meter = example_a().history();
    line.event_days = event_days_a;
    return line;
}

inline SettlementInput input_of(std::vector<SettlementLineInput> lines) {
    SettlementInput input;
    input.event = EventId{"ev-20260115-abcdefgh"};
    input.statement_id = "st-20260115-abcdefgh";
    input.now = at("2026-01-15T18:05:00Z");
    input.lines = std::move(lines);
    return input;
}

}  // namespace headroom::settlement::test
