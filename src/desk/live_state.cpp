#include "desk/live_state.hpp"

#include "desk/status.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace headroom::desk {
namespace {

/// Appends `value` with two decimals, or null: 5,000 feeders a second are not worth a JSON tree.
void append(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null,";
        return;
    }
    fmt::format_to(std::back_inserter(out), "{:.2f},", value);
}

void close(std::string& list) {
    if (list.back() == ',') {
        list.pop_back();
    }
    list += ']';
}

char phase_letter(grid::Phase phase) {
    switch (phase) {
        case grid::Phase::l1:
            return '1';
        case grid::Phase::l2:
            return '2';
        case grid::Phase::l3:
            return '3';
        case grid::Phase::n:
        case grid::Phase::sum:
            return 's';
    }
    return 's';
}

char covered_digit(const FeederRow& row) {
    if (row.over_kw() <= 0.0) {
        return '0';
    }
    return row.covered_kw >= row.over_kw() ? '2' : '1';
}

}  // namespace

std::string layout_message(const Parts& parts, const FeederDesk& feeders) {
    json::Array ids;
    for (const grid::Feeder& feeder : parts.network.feeders()) {
        ids.emplace_back(feeder.id.value);
    }
    return json::write(json::Object{
        {"topic", "layout"}, {"version", feeders.layout_version()}, {"feeder_ids", std::move(ids)}});
}

std::string feeders_message(const Parts& parts, FeederDesk& feeders) {
    std::string load = "[";
    std::string limit = "[";
    std::string expected = "[";
    std::string phase;
    std::string stale;
    std::string covered;
    for (const FeederRow& row : feeders.rows()) {
        append(load, row.load_kw);
        append(limit, row.limit_kw);
        append(expected, row.has_expected ? row.expected_peak_kw / row.expected_limit_kw
                                          : std::numeric_limits<double>::quiet_NaN());
        phase += phase_letter(row.phase);
        stale += row.is_stale ? '1' : '0';
        covered += covered_digit(row);
    }
    close(load);
    close(limit);
    close(expected);
    return fmt::format(
        R"({{"topic":"feeders","version":{},"at":"{}","load_kw":{},"limit_kw":{},"phase":"{}","stale":"{}","expected_share":{},"covered":"{}"}})",
        feeders.layout_version(), format_utc(parts.clock.now()), load, limit, phase, stale, expected,
        covered);
}

std::string header_message(const Parts& parts, const Mode& mode, FeederDesk& feeders) {
    json::Object message{{"topic", "header"}};
    const json::Object status = status_json(parts, mode, feeders);
    for (const auto& [key, value] : status.members()) {
        message.set(key, value);
    }
    return json::write(message);
}

}  // namespace headroom::desk
