#pragma once

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headroom::settlement {

/// The load had nothing been asked, per settlement period, whole watt-hours of net import.
struct Baseline {
    std::string profile;  ///< "bl01", "asset_capacity" …
    std::int64_t profile_version = 1;
    UtcTime start{};
    std::vector<std::int64_t> wh;
    std::vector<Date> chosen_days;
    std::vector<std::pair<Date, std::string>> excluded_days;
    std::int64_t adjustment_wh = 0;  ///< in-day adjustment per period
    std::vector<std::string> flags;  ///< ADJ_SKIPPED, ADJ_LARGE …
};

/// One period of one DER.
struct DeliveryPeriod {
    UtcTime period{};
    WattHours instructed{};
    WattHours baseline{};
    WattHours actual{};
    WattHours delivered{};  ///< signed, unclamped: positive when it helped
    WattHours payable{};
};

struct Delivery {
    std::string der;
    std::string transaction;
    Baseline baseline;
    std::vector<DeliveryPeriod> periods;
    std::string state;   ///< VERIFIED, PENDING_DATA, NO_BASELINE
    std::string reason;  ///< of the last two
};

struct StatementLine {
    std::string der;
    std::string transaction;
    std::string provider;
    WattHours instructed{};
    WattHours delivered{};
    WattHours payable{};
    MicroPounds utilisation{};
    MicroPounds availability{};
    std::int64_t total_pence = 0;  ///< rounded once, half to even
    std::string state;
};

/// What an event cost and what it brought. Append-only: a correction supersedes.
struct Statement {
    std::string id;
    EventId event;
    std::int64_t version = 1;
    std::vector<StatementLine> lines;
    WattHours delivered{};
    MicroPounds total{};
    std::int64_t total_pence = 0;  ///< sum of the rounded lines
    std::string state;             ///< VERIFIED, PENDING_DATA …
    std::string rounding = "line-half-even-pence@1";
};

/// A half-hourly history of net import for one DER: NaN-free, missing periods are absent.
struct MeterHistory {
    std::string der;
    UtcTime start{};                              ///< on the period grid
    std::vector<std::optional<std::int64_t>> wh;  ///< per period; nothing = missing
};

/// Everything a statement depends on.
struct SettlementLineInput {
    std::string der;
    std::string transaction;
    std::string provider;
    std::string baseline_profile;
    bool turn_up = false;
    /// Instructed power per half-hour, pro rata for partial periods, already in Wh.
    UtcTime start{};
    std::vector<std::int64_t> instructed_wh;
    MicroPoundsPerMwh utilisation{};
    MicroPounds availability_per_mw_h{};
    std::int64_t armed_w = 0;
    std::int64_t armed_ms = 0;
    MeterHistory meter;            ///< history days, the event day and the event's periods
    std::vector<Date> event_days;  ///< of this DER, excluded from the baseline
};
struct SettlementInput {
    EventId event;
    std::string statement_id;
    UtcTime now{};
    std::int64_t delivery_cap_ppm = 1'000'000;
    std::vector<SettlementLineInput> lines;  ///< sorted by (provider, transaction, der)
};
struct SettlementResult {
    Statement statement;
    std::vector<Delivery> deliveries;
};

/// Baseline, delivered energy and money for an event. Pure; the same input gives the same bytes.
/// Errors: `invalid` for an input that contradicts itself or an unknown profile; `unsupported` for a date
/// outside the loaded calendar.
[[nodiscard]] Result<SettlementResult> settle(const SettlementInput& input);

[[nodiscard]] json::Value to_json(const SettlementInput& input);
[[nodiscard]] Result<SettlementInput> settlement_input_from_json(const json::Value& value);
[[nodiscard]] json::Value to_json(const SettlementResult& result);

}  // namespace headroom::settlement
