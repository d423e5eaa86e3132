#include "feeds/neso_portal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

namespace headroom::feeds::neso_portal {
namespace {

constexpr int periods_max = 50;
constexpr double embedded_max_mw = 60'000.0;  // three times what is installed

bool is_uuid(std::string_view text) {
    if (text.size() != 36) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
            return false;
        }
    }
    return true;
}

/// The answer when it is one, and no refusal.
Result<json::Value> accepted(std::string_view body) {
    Result<json::Value> answer = parse_answer(body);
    if (!answer) {
        return answer.error();
    }
    if (const std::string* words = answer->as_string()) {
        return Error{Errc::unavailable,
                     *words};  // a bare text is how it refuses an action that it does not know
    }
    if (!answer->boolean("/success")) {
        return Error{Errc::unavailable,
                     answer->text("/error/message", answer->text("/error/__type", "refused"))};
    }
    return answer;
}

/// "2026-10-25T00:00:00" or "2026-10-25", and the number of the period in that day.
UtcTime start_of_row(RowReader& read) {
    const std::string text = read.text("SETTLEMENT_DATE", 32);
    const auto number = static_cast<int>(read.integer("SETTLEMENT_PERIOD", 1, periods_max));
    if (!read.ok()) {
        return {};
    }
    const Result<Date> date = parse_date(text.substr(0, 10));
    if (!date) {
        read.refuse("SETTLEMENT_DATE", date.error().message);
        return {};
    }
    const Result<UtcTime> start = headroom::start_of(SettlementPeriod{*date, number});
    if (!start) {
        read.refuse("SETTLEMENT_PERIOD", start.error().message);
        return {};
    }
    return *start;
}

}  // namespace

FeedRequest embedded_ahead() {
    return *datastore(embedded_resource, 0);
}

Result<FeedRequest> datastore(std::string_view resource_id, std::size_t offset) {
    if (!is_uuid(resource_id)) {
        return Error{Errc::invalid, "'" + std::string(resource_id) + "' is no resource: a UUID is"};
    }
    return FeedRequest{"/datastore_search",
                       {{"resource_id", std::string(resource_id)},
                        {"limit", std::to_string(page_records)},
                        {"offset", std::to_string(offset)}}};
}

Result<Table> decode_datastore(std::string_view body) {
    const Result<json::Value> answer = accepted(body);
    if (!answer) {
        return answer.error();
    }
    const json::Value* fields = answer->at("/result/fields");
    const json::Value* records = answer->at("/result/records");
    if (fields == nullptr || fields->as_array() == nullptr || records == nullptr ||
        records->as_array() == nullptr) {
        return Error{Errc::invalid, "the answer has no fields and records", "/result"};
    }
    Table out;
    for (const json::Value& field : *fields->as_array()) {
        out.columns.push_back(field.text("/id"));
    }
    for (const json::Value& record : *records->as_array()) {
        std::vector<json::Value>& row = out.rows.emplace_back();
        for (const std::string& column : out.columns) {
            const json::Value* value = record.get(column);
            row.push_back(value != nullptr ? *value : json::Value());
        }
    }
    out.total = static_cast<std::size_t>(
        std::max<std::int64_t>(static_cast<std::int64_t>(out.rows.size()), answer->integer("/result/total")));
    return out;
}

Result<FeedValues<EmbeddedForecast>> decode_embedded(std::string_view body) {
    const Result<json::Value> answer = accepted(body);
    const Result<std::vector<const json::Value*>> rows =
        answer ? items_at(*answer, "/result/records")
               : Result<std::vector<const json::Value*>>(answer.error());
    if (!rows) {
        return rows.error();
    }
    FaultBook faults;
    std::map<UtcTime, EmbeddedForecast> newest;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        RowReader read(*(*rows)[i], fmt::format("/result/records/{}", i), faults);
        EmbeddedForecast row;
        row.start = start_of_row(read);
        row.solar_mw = read.maybe("EMBEDDED_SOLAR_FORECAST", 0.0, embedded_max_mw);
        row.wind_mw = read.maybe("EMBEDDED_WIND_FORECAST", 0.0, embedded_max_mw);
        if (read.ok() && (row.solar_mw || row.wind_mw)) {
            newest.insert_or_assign(row.start, row);
        }
    }
    FeedValues<EmbeddedForecast> out;
    for (const auto& [start, row] : newest) {
        out.values.push_back(row);
    }
    faults.give(out);
    return out;
}

}  // namespace headroom::feeds::neso_portal
