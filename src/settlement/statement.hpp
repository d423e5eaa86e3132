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

/// The most of a period's energy, of a price and of the number of periods that is settled: keeps money exact.
inline constexpr std::int64_t period_wh_max = 100'000'000;
inline constexpr std::int64_t price_max = 100'000'000'000;
inline constexpr std::size_t periods_max = 96;
/// The most lines of a statement.
inline constexpr std::size_t lines_max = 10'000;
/// The largest number that a canonical document holds exactly: of energies in Wh and of money in µ£.
inline constexpr std::int64_t amount_max = 9'007'199'254'740'991;

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
    /// VERIFIED, PENDING_DATA (a period without a reading is left out), NO_BASELINE, HELD (the meter is in
    /// doubt and a person decides)
    std::string state;
    std::string reason;  ///< of all but the first
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

/// How a ratio of delivered to instructed energy turns into money; named and versioned in contracts.
struct PaymentCurve {
    /// "linear", "grace_multiplier", "sliding_50_100", "dfs_2024_proposed"
    std::string id = "linear";
    std::int64_t version = 1;
    std::int64_t grace_bp = 500;          ///< of grace_multiplier, 1/10,000 of the ratio
    std::int64_t multiplier_bp = 30'000;  ///< of grace_multiplier, 1/10,000
    /// Of sliding_50_100, from the contract: (ratio, factor) in 1/10,000, ratios rising.
    std::vector<std::pair<std::int64_t, std::int64_t>> points;
    bool operator==(const PaymentCurve&) const = default;
};

/// Everything a statement depends on.
struct SettlementLineInput {
    std::string der;
    std::string transaction;
    std::string provider;
    std::string baseline_profile;  ///< empty = "bl01"
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
    /// The baseline itself, for profiles that do not reckon it from history (nominated, fixed_reference,
    /// asset_capacity): one value per period, or one for all.
    std::vector<std::int64_t> supplied_wh = {};
    PaymentCurve curve = {};
    std::string hold = {};  ///< why payment waits for a person; empty: it does not
};
struct SettlementInput {
    EventId event;
    std::string statement_id;
    std::int64_t version = 1;  ///< from 2 on it supersedes the one before
    UtcTime now{};
    std::int64_t delivery_cap_ppm = 1'000'000;
    std::vector<SettlementLineInput> lines;  ///< sorted by (provider, transaction, der)
};
struct SettlementResult {
    Statement statement;
    std::vector<Delivery> deliveries;
};

/// Baseline, delivered energy and money for an event. Pure; the same input gives the same bytes. What one DER
/// delivered under several contracts at once is shared out in proportion to what each instructed.
/// Errors: `invalid` for an input that contradicts itself or an unknown profile; `unsupported` for a date
/// outside the loaded calendar.
[[nodiscard]] Result<SettlementResult> settle(const SettlementInput& input);

[[nodiscard]] json::Value to_json(const SettlementInput& input);
[[nodiscard]] Result<SettlementInput> settlement_input_from_json(const json::Value& value);
[[nodiscard]] json::Value to_json(const Statement& statement);
[[nodiscard]] json::Value to_json(const SettlementResult& result);
/// A statement as its record keeps it. Errors: `invalid` with the pointer.
[[nodiscard]] Result<Statement> statement_from_json(const json::Value& value);
[[nodiscard]] Result<SettlementResult> settlement_result_from_json(const json::Value& value);

}  // namespace headroom::settlement
