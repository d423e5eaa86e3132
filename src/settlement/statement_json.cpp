// The forms of docs/formats/statement.md.
#include "core/object_items.hpp"
#include "core/object_reader.hpp"
#include "settlement/statement.hpp"

namespace headroom::settlement {

namespace {

constexpr std::size_t history_max = 40'000;  // two years of half-hours and some
constexpr std::size_t days_max = 1'000;
constexpr std::size_t sentence_max = 8'192;

template <class T>
json::Array list_of(const std::vector<T>& values) {
    return json::Array(values.begin(), values.end());
}

json::Array dates(const std::vector<Date>& days) {
    json::Array texts;
    for (const Date day : days) {
        texts.emplace_back(format_date(day));
    }
    return texts;
}

Result<Date> date_from_json(const json::Value& value) {
    const std::string* text = value.as_string();
    if (text == nullptr) {
        return Error{Errc::invalid, "must be a date", ""};
    }
    return parse_date(*text);
}

/// A reading or null.
Result<std::optional<std::int64_t>> reading_from_json(const json::Value& value) {
    if (value.is_null()) {
        return std::optional<std::int64_t>{};
    }
    const std::optional<std::int64_t> wh = value.is_int() ? value.as_int() : std::nullopt;
    if (!wh || *wh < -period_wh_max || *wh > period_wh_max) {
        return Error{Errc::invalid, "must be null or a whole number of Wh within ±100000000", ""};
    }
    return wh;
}

json::Value to_json(const MeterHistory& meter) {
    json::Array wh;
    wh.reserve(meter.wh.size());
    for (const std::optional<std::int64_t>& value : meter.wh) {
        wh.emplace_back(value);
    }
    return json::Object{{"der", meter.der}, {"start", format_utc(meter.start)}, {"wh", std::move(wh)}};
}

Result<MeterHistory> meter_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    MeterHistory meter;
    meter.der = read.text("der");
    meter.start = read.time("start");
    meter.wh = json::read_items<std::optional<std::int64_t>>(read, "wh", history_max, reading_from_json);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return meter;
}

json::Value to_json(const PaymentCurve& curve) {
    json::Array points;
    for (const auto& [ratio, factor] : curve.points) {
        points.emplace_back(json::Array{ratio, factor});
    }
    return json::Object{{"id", curve.id},
                        {"version", curve.version},
                        {"grace_bp", curve.grace_bp},
                        {"multiplier_bp", curve.multiplier_bp},
                        {"points", std::move(points)}};
}

Result<std::pair<std::int64_t, std::int64_t>> point_from_json(const json::Value& value) {
    const json::Array* pair = value.as_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_int() || !(*pair)[1].is_int()) {
        return Error{Errc::invalid, "must be a ratio and a factor in ten-thousandths", ""};
    }
    return std::pair{(*pair)[0].as_int().value(), (*pair)[1].as_int().value()};
}

Result<PaymentCurve> curve_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    PaymentCurve curve;
    curve.id = read.text("id", 64);
    curve.version = read.integer("version", 0, 1'000'000'000);
    curve.grace_bp = read.integer("grace_bp", -amount_max, amount_max);
    curve.multiplier_bp = read.integer("multiplier_bp", -amount_max, amount_max);
    curve.points =
        json::read_items<std::pair<std::int64_t, std::int64_t>>(read, "points", 64, point_from_json);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return curve;
}

json::Value to_json(const SettlementLineInput& line) {
    json::Object out{{"der", line.der},
                     {"transaction", line.transaction},
                     {"provider", line.provider},
                     {"baseline_profile", line.baseline_profile},
                     {"turn_up", line.turn_up},
                     {"start", format_utc(line.start)},
                     {"instructed_wh", list_of(line.instructed_wh)},
                     {"utilisation_price", line.utilisation.value},
                     {"availability_price", line.availability_per_mw_h.value},
                     {"armed_w", line.armed_w},
                     {"armed_ms", line.armed_ms},
                     {"meter", to_json(line.meter)},
                     {"event_days", dates(line.event_days)},
                     {"supplied_wh", list_of(line.supplied_wh)},
                     {"curve", to_json(line.curve)}};
    if (!line.hold.empty()) {
        out.set("hold", line.hold);
    }
    return out;
}

Result<SettlementLineInput> line_input_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    SettlementLineInput line;
    line.der = read.text("der");
    line.transaction = read.text("transaction");
    line.provider = read.text("provider");
    line.baseline_profile = read.text("baseline_profile", 64);
    line.turn_up = read.boolean("turn_up");
    line.start = read.time("start");
    line.instructed_wh = read.integers("instructed_wh", periods_max, 0, period_wh_max);
    line.utilisation = MicroPoundsPerMwh{read.integer("utilisation_price", 0, price_max)};
    line.availability_per_mw_h = MicroPounds{read.integer("availability_price", 0, price_max)};
    line.armed_w = read.integer("armed_w", 0, 1'000'000'000);
    line.armed_ms = read.integer("armed_ms", 0, 366LL * 86'400'000);
    line.meter = read.take("meter", meter_from_json(read.value("meter")));
    line.event_days = json::read_items<Date>(read, "event_days", days_max, date_from_json);
    line.supplied_wh = read.integers("supplied_wh", periods_max, -period_wh_max, period_wh_max);
    line.curve = read.take("curve", curve_from_json(read.value("curve")));
    line.hold = read.has("hold") ? read.text("hold", sentence_max) : std::string();
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return line;
}

json::Value to_json(const Baseline& baseline) {
    json::Array excluded;
    for (const auto& [day, reason] : baseline.excluded_days) {
        excluded.emplace_back(json::Object{{"date", format_date(day)}, {"reason", reason}});
    }
    return json::Object{{"profile", baseline.profile},
                        {"profile_version", baseline.profile_version},
                        {"start", format_utc(baseline.start)},
                        {"wh", list_of(baseline.wh)},
                        {"chosen_days", dates(baseline.chosen_days)},
                        {"excluded_days", std::move(excluded)},
                        {"adjustment_wh", baseline.adjustment_wh},
                        {"flags", list_of(baseline.flags)}};
}

Result<std::pair<Date, std::string>> excluded_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    const Date date = read.take("date", date_from_json(read.value("date")));
    std::string reason = read.text("reason", 64);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return std::pair{date, std::move(reason)};
}

Result<Baseline> baseline_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Baseline baseline;
    baseline.profile = read.text("profile", 64);
    baseline.profile_version = read.integer("profile_version", 0, 1'000'000'000);
    baseline.start = read.time("start");
    baseline.wh = read.integers("wh", periods_max, -amount_max, amount_max);
    baseline.chosen_days = json::read_items<Date>(read, "chosen_days", days_max, date_from_json);
    baseline.excluded_days =
        json::read_items<std::pair<Date, std::string>>(read, "excluded_days", days_max, excluded_from_json);
    baseline.adjustment_wh = read.integer("adjustment_wh", -amount_max, amount_max);
    baseline.flags = read.texts("flags", 64, 64);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return baseline;
}

json::Value to_json(const DeliveryPeriod& period) {
    return json::Object{{"period", format_utc(period.period)},    {"instructed_wh", period.instructed.value},
                        {"baseline_wh", period.baseline.value},   {"actual_wh", period.actual.value},
                        {"delivered_wh", period.delivered.value}, {"payable_wh", period.payable.value}};
}

Result<DeliveryPeriod> period_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    const auto energy = [&read](std::string_view key) {
        return WattHours{read.integer(key, -amount_max, amount_max)};
    };
    DeliveryPeriod period;
    period.period = read.time("period");
    period.instructed = energy("instructed_wh");
    period.baseline = energy("baseline_wh");
    period.actual = energy("actual_wh");
    period.delivered = energy("delivered_wh");
    period.payable = energy("payable_wh");
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return period;
}

json::Value to_json(const Delivery& delivery) {
    json::Array periods;
    for (const DeliveryPeriod& period : delivery.periods) {
        periods.push_back(to_json(period));
    }
    return json::Object{{"der", delivery.der},
                        {"transaction", delivery.transaction},
                        {"baseline", to_json(delivery.baseline)},
                        {"periods", std::move(periods)},
                        {"state", delivery.state},
                        {"reason", delivery.reason}};
}

Result<Delivery> delivery_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Delivery delivery;
    delivery.der = read.text("der");
    delivery.transaction = read.text("transaction");
    delivery.baseline = read.take("baseline", baseline_from_json(read.value("baseline")));
    delivery.periods = json::read_items<DeliveryPeriod>(read, "periods", periods_max, period_from_json);
    delivery.state = read.text("state", 32);
    delivery.reason = read.text("reason", sentence_max);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return delivery;
}

json::Value to_json(const StatementLine& line) {
    return json::Object{{"der", line.der},
                        {"transaction", line.transaction},
                        {"provider", line.provider},
                        {"instructed_wh", line.instructed.value},
                        {"delivered_wh", line.delivered.value},
                        {"payable_wh", line.payable.value},
                        {"utilisation_micro_pounds", line.utilisation.value},
                        {"availability_micro_pounds", line.availability.value},
                        {"total_pence", line.total_pence},
                        {"state", line.state}};
}

Result<StatementLine> statement_line_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    const auto number = [&read](std::string_view key) { return read.integer(key, -amount_max, amount_max); };
    StatementLine line;
    line.der = read.text("der");
    line.transaction = read.text("transaction");
    line.provider = read.text("provider");
    line.instructed = WattHours{number("instructed_wh")};
    line.delivered = WattHours{number("delivered_wh")};
    line.payable = WattHours{number("payable_wh")};
    line.utilisation = MicroPounds{number("utilisation_micro_pounds")};
    line.availability = MicroPounds{number("availability_micro_pounds")};
    line.total_pence = number("total_pence");
    line.state = read.text("state", 32);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return line;
}

}  // namespace

Result<Statement> statement_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Statement statement;
    statement.id = read.text("id", 64);
    statement.event = EventId{read.text("event", 64)};
    statement.version = read.integer("version", 1, 1'000'000);
    statement.lines = json::read_items<StatementLine>(read, "lines", lines_max, statement_line_from_json);
    statement.delivered = WattHours{read.integer("delivered_wh", -amount_max, amount_max)};
    statement.total = MicroPounds{read.integer("total_micro_pounds", -amount_max, amount_max)};
    statement.total_pence = read.integer("total_pence", -amount_max, amount_max);
    statement.state = read.text("state", 32);
    statement.rounding = read.text("rounding", 64);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return statement;
}

json::Value to_json(const SettlementInput& input) {
    json::Array lines;
    for (const SettlementLineInput& line : input.lines) {
        lines.push_back(to_json(line));
    }
    json::Object out{{"event", input.event.value},
                     {"statement_id", input.statement_id},
                     {"now", format_utc(input.now)},
                     {"delivery_cap_ppm", input.delivery_cap_ppm},
                     {"lines", std::move(lines)}};
    if (input.version > 1) {
        out.set("version", input.version);
    }
    return out;
}

Result<SettlementInput> settlement_input_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    SettlementInput input;
    input.event = EventId{read.text("event", 64)};
    input.statement_id = read.text("statement_id", 64);
    input.now = read.time("now");
    input.delivery_cap_ppm = read.integer("delivery_cap_ppm", 0, 10'000'000);
    input.version = read.has("version") ? read.integer("version", 1, 1'000'000) : 1;
    input.lines = json::read_items<SettlementLineInput>(read, "lines", lines_max, line_input_from_json);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return input;
}

json::Value to_json(const Statement& statement) {
    json::Array lines;
    for (const StatementLine& line : statement.lines) {
        lines.push_back(to_json(line));
    }
    return json::Object{{"id", statement.id},
                        {"event", statement.event.value},
                        {"version", statement.version},
                        {"lines", std::move(lines)},
                        {"delivered_wh", statement.delivered.value},
                        {"total_micro_pounds", statement.total.value},
                        {"total_pence", statement.total_pence},
                        {"state", statement.state},
                        {"rounding", statement.rounding}};
}

json::Value to_json(const SettlementResult& result) {
    json::Array deliveries;
    for (const Delivery& delivery : result.deliveries) {
        deliveries.push_back(to_json(delivery));
    }
    return json::Object{{"statement", to_json(result.statement)}, {"deliveries", std::move(deliveries)}};
}

Result<SettlementResult> settlement_result_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    SettlementResult result;
    result.statement = read.take("statement", statement_from_json(read.value("statement")));
    result.deliveries = json::read_items<Delivery>(read, "deliveries", lines_max, delivery_from_json);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return result;
}

}  // namespace headroom::settlement
