#include "beckn/decimal.hpp"
#include "beckn/lts_words.hpp"
#include "beckn/pack_demand_flex.hpp"
#include "beckn/pack_time_series.hpp"
#include "core/json_object.hpp"

namespace headroom::beckn::lts {

namespace {

constexpr std::size_t hash_digits = 64;
constexpr std::string_view hash_prefix = "sha256:";
constexpr std::int64_t pages_max = 100'000;

/// Measured: to the nearest watt. Export is negative import.
std::optional<std::int64_t> measured(const SeriesColumn& column, const Node& value) {
    return power_w(column, value, -power_bound_w, Rounding::nearest);
}

std::optional<flex::IntervalGrid> reading(const Series& series, std::string_view name) {
    const SeriesColumn* column = series.find({name});
    return column == nullptr || column->values.empty() ? std::nullopt : grid_of(series, *column, measured);
}

/// The form before the time series: one value for the whole window.
std::optional<flex::IntervalGrid> one_value(const Node& node, const Order& order) {
    if (!node.is_there() || order.needs.empty() || !order.needs.front().need) {
        return std::nullopt;
    }
    const flex::IntervalGrid& like = order.needs.front().need->requested_w;
    const auto watts = number(node, kw_decimals, -power_bound_w, power_bound_w, Rounding::nearest);
    return watts
               ? std::optional(flex::IntervalGrid{.start = like.start, .step = like.step, .values = {*watts}})
               : std::nullopt;
}

flex::MeterSeries read_meter(const Node& node, const Order& order, bool is_settled_from) {
    flex::MeterSeries meter;
    meter.meter = node.member("meterId").text(uri_max).value_or("");
    const Node telemetry = node.member("telemetry");
    if (!telemetry.is_there()) {
        meter.baseline_w = one_value(node.member("baselineKw"), order);
        meter.usage_w = one_value(node.member("actualKw"), order);
        return meter;
    }
    // What is never settled may have holes.
    std::vector<Fault> unheard;
    FaultList nowhere(unheard, 0);
    const Node quiet(telemetry.value(), telemetry.pointer(), nowhere);
    if (const std::optional<Series> series = read_series(is_settled_from ? telemetry : quiet)) {
        meter.baseline_w = reading(*series, "BASELINE");
        meter.usage_w = reading(*series, "USAGE");
    }
    return meter;
}

flex::PageInfo read_page(const Node& node) {
    flex::PageInfo page;
    page.sequence = number(node.member("sequence"), 0, 0, pages_max).value_or(0);
    const Node last = node.member("isLast");
    const std::optional<bool> is_last = last.is_there() ? last.value()->as_bool() : std::nullopt;
    if (!is_last) {
        last.refuse("must be true or false");
    }
    page.is_last = is_last.value_or(false);
    page.cursor = text_at(node.member("cursor"));
    page.next_cursor = text_at(node.member("nextCursor"));
    return page;
}

flex::MetersRef read_ref(const Node& node) {
    flex::MetersRef ref;
    ref.uri = node.member("uri").text(uri_max).value_or("");
    ref.count = number(node.member("count"), 0, 0, count_max).value_or(0);
    const std::string hash = text_at(node.member("contentHash"));
    const bool is_hash = hash.size() == hash_prefix.size() + hash_digits && hash.starts_with(hash_prefix) &&
                         hash.find_first_not_of("0123456789abcdef", hash_prefix.size()) == std::string::npos;
    if (is_hash) {
        ref.sha256 = hash.substr(hash_prefix.size());
    } else {
        node.member("contentHash").refuse("must be sha256: and 64 hexadecimal digits");
    }
    return ref;
}

Result<json::Value> write_meter(const flex::MeterSeries& meter, std::size_t place) {
    std::vector<WrittenColumn> columns;
    const flex::IntervalGrid* grid = nullptr;
    const auto add = [&](std::string_view type, const std::optional<flex::IntervalGrid>& values) {
        if (values) {
            columns.push_back({.type = type, .units = "KW", .inserted_by = {}, .values = kw_values(*values)});
            grid = &*values;
        }
    };
    add("BASELINE", meter.baseline_w);
    add("USAGE", meter.usage_w);
    if (grid == nullptr || columns.front().values.size() != columns.back().values.size()) {
        return Error{Errc::invalid, "meter " + meter.meter + " needs a baseline or a usage on one grid",
                     "/meters/" + std::to_string(place)};
    }
    std::vector<json::Object::Member> members{{"@type", json::Value("TimeSeries")}};
    append_series(members, grid->start, grid->step, grid->values.size(), std::move(columns));
    return json::Value(json::object(
        {{"meterId", meter.meter}, {"telemetry", json::Object::from_distinct(std::move(members))}}));
}

json::Value write_page(const flex::PageInfo& page) {
    json::Object object{{"sequence", page.sequence}, {"isLast", page.is_last}};
    if (!page.cursor.empty()) {
        object.set("cursor", page.cursor);
    }
    if (!page.next_cursor.empty()) {
        object.set("nextCursor", page.next_cursor);
    }
    return object;
}

}  // namespace

void read_performance(const Node& attributes, PackTarget& target) {
    flex::Performance& performance = *target.performance;
    performance.event = text_at(attributes.member("eventId"));
    performance.methodology = text_at(attributes.member("methodology"));
    const std::size_t before = attributes.faults().count();
    for (const Node& meter : attributes.member("meters").items(target.limits->meters)) {
        flex::MeterSeries read = read_meter(meter, *target.order, performance.is_settled_from());
        if (performance.is_settled_from() && attributes.faults().count() == before && !read.baseline_w &&
            !read.usage_w) {
            meter.refuse("has neither BASELINE nor USAGE");
        }
        // Of devices we keep baseline and usage only; one that shows neither is passed over.
        if (read.baseline_w || read.usage_w || performance.is_settled_from()) {
            performance.meters.push_back(std::move(read));
        }
    }
    if (attributes.member("pageInfo").is_there()) {
        performance.page = read_page(attributes.member("pageInfo"));
    }
    if (attributes.member("metersRef").is_there()) {
        performance.meters_ref = read_ref(attributes.member("metersRef"));
    }
}

Result<json::Value> write_performance(const flex::Performance& performance) {
    std::vector<json::Object::Member> members{{"@context", json::Value(performance_context)},
                                              {"@type", json::Value("DemandFlexPerformance")}};
    if (!performance.event.empty()) {
        members.push_back({"eventId", performance.event});
    }
    if (!performance.methodology.empty()) {
        members.push_back({"methodology", performance.methodology});
    }
    if (performance.meters_ref) {
        const flex::MetersRef& ref = *performance.meters_ref;
        members.push_back({"metersRef", json::object({{"uri", ref.uri},
                                                      {"contentHash", std::string(hash_prefix) + ref.sha256},
                                                      {"count", ref.count}})});
        return json::Value(json::Object::from_distinct(std::move(members)));
    }
    json::Array meters;
    meters.reserve(performance.meters.size());
    for (std::size_t i = 0; i < performance.meters.size(); ++i) {
        Result<json::Value> meter = write_meter(performance.meters[i], i);
        if (!meter) {
            return meter.error();
        }
        meters.push_back(std::move(*meter));
    }
    members.push_back({"meters", std::move(meters)});
    if (performance.page) {
        members.push_back({"pageInfo", write_page(*performance.page)});
    }
    return json::Value(json::Object::from_distinct(std::move(members)));
}

}  // namespace headroom::beckn::lts
