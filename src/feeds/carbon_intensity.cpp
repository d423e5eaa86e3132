#include "feeds/carbon_intensity.hpp"

#include <fmt/format.h>

namespace headroom::feeds::carbon_intensity {
namespace {

/// "2026-11-20T10:00Z", as the service writes and wants it.
std::string minute_text(UtcTime time) {
    return format_utc(time).substr(0, 16) + "Z";
}

struct Region {
    std::int64_t id = 0;
    std::string name;
};

void read_fuels(const json::Value& row, const std::string& pointer, CarbonPeriod& period, FaultBook& faults) {
    const json::Value* mix = row.get("generationmix");
    if (mix == nullptr || mix->as_array() == nullptr) {
        return;
    }
    std::size_t i = 0;
    for (const json::Value& fuel : *mix->as_array()) {
        RowReader read(fuel, fmt::format("{}/generationmix/{}", pointer, i++), faults);
        std::string name = read.text("fuel", 64);
        const double percent = read.number("perc", 0.0, 100.0);
        if (read.ok()) {
            period.fuel_shares.emplace_back(std::move(name), percent / 100.0);
        }
    }
}

/// `times` holds from and to; `row` the intensity, which with regions is another one.
void read_period(const json::Value& times, const std::string& times_at, const json::Value& row,
                 const std::string& row_at, const Region& region, FeedValues<CarbonPeriod>& out,
                 FaultBook& faults) {
    static const json::Value nothing{json::Object{}};
    RowReader when(times, times_at, faults);
    CarbonPeriod period{.from = when.time("from", true),
                        .until = when.time("to", true),
                        .region_id = region.id,
                        .region = region.name,
                        .index = {},
                        .fuel_shares = {}};
    if (!when.ok()) {
        return;
    }
    if (period.until <= period.from || period.until - period.from > hours{2}) {
        faults.add(times_at + "/to", "is no half-hour");
        return;
    }
    const json::Value* intensity = row.get("intensity");
    RowReader read(intensity != nullptr ? *intensity : nothing, row_at + "/intensity", faults);
    period.forecast_g_per_kwh = read.maybe("forecast", 0.0, intensity_max_g_per_kwh);
    period.actual_g_per_kwh = read.maybe("actual", 0.0, intensity_max_g_per_kwh);
    period.index = read.text_or_empty("index", 32);
    read_fuels(row, row_at, period, faults);
    out.values.push_back(std::move(period));
}

Region region_of(const json::Value& row, const std::string& pointer, FaultBook& faults) {
    RowReader read(row, pointer, faults);
    Region region{read.integer("regionid", 1, 17), read.text_or_empty("shortname", 64)};
    return read.ok() ? region : Region{};
}

}  // namespace

FeedRequest national_ahead(UtcTime from) {
    return {"/intensity/" + minute_text(from) + "/fw48h", {}};
}

Result<FeedRequest> national_between(UtcTime from, UtcTime until) {
    if (until <= from || until - from > hours{24 * 14}) {
        return Error{Errc::invalid, "the service answers for up to 14 days at a time"};
    }
    return FeedRequest{"/intensity/" + minute_text(from) + "/" + minute_text(until), {}};
}

FeedRequest regional_ahead(UtcTime from, int region_id) {
    return {fmt::format("/regional/intensity/{}/fw48h/regionid/{}", minute_text(from), region_id), {}};
}

Result<FeedValues<CarbonPeriod>> decode(std::string_view body) {
    const Result<json::Value> answer = parse_answer(body);
    const Result<std::vector<const json::Value*>> rows =
        answer ? items_at(*answer, "/data") : Result<std::vector<const json::Value*>>(answer.error());
    if (!rows) {
        return rows.error();
    }
    FaultBook faults;
    FeedValues<CarbonPeriod> out;
    const bool is_list = answer->get("data")->is_array();
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const json::Value& row = *(*rows)[i];
        const std::string at = is_list ? fmt::format("/data/{}", i) : "/data";
        const json::Value* regions = row.get("regions");
        const json::Value* periods = row.get("data");
        if (regions != nullptr && regions->is_array()) {
            std::size_t n = 0;
            for (const json::Value& part : *regions->as_array()) {
                const std::string part_at = fmt::format("{}/regions/{}", at, n++);
                const Region region = region_of(part, part_at, faults);
                if (region.id != 0) {
                    read_period(row, at, part, part_at, region, out, faults);
                }
            }
        } else if (periods != nullptr && periods->is_array()) {
            const Region region = region_of(row, at, faults);
            std::size_t n = 0;
            for (const json::Value& period : *periods->as_array()) {
                const std::string period_at = fmt::format("{}/data/{}", at, n++);
                if (region.id != 0) {
                    read_period(period, period_at, period, period_at, region, out, faults);
                }
            }
        } else {
            read_period(row, at, row, at, {}, out, faults);
        }
    }
    faults.give(out);
    return out;
}

}  // namespace headroom::feeds::carbon_intensity
