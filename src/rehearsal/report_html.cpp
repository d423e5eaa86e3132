#include "core/units.hpp"
#include "rehearsal/report.hpp"
#include "rehearsal/report_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headroom::rehearsal {
namespace {

constexpr std::string_view style = R"(
@page { size: A4 portrait; margin: 12mm 13mm; }
* { box-sizing: border-box; }
body { font: 9.5pt/1.35 system-ui, "DejaVu Sans", Arial, sans-serif; color: #16202a; background: #fff; margin: 0 auto; padding: 1rem; max-width: 52rem; }
h1 { font-size: 16pt; margin: 0; } h2 { font-size: 10.5pt; margin: .9em 0 .3em; }
p { margin: .3em 0; } .muted { color: #4c5a67; }
.verdict { border: 1.5pt solid; border-radius: 4pt; padding: .5em .8em; margin: .7em 0; }
.verdict b { font-size: 13pt; } .act { border-color: #14703d; } .propose { border-color: #9a5b00; } .shadow { border-color: #a1232b; }
.verdict ul { margin: .3em 0 0; padding-left: 1.2em; }
.figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: .4em; }
.figures div { border-top: 1pt solid #c3ccd4; padding-top: .2em; } .figures b { display: block; font-size: 12.5pt; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; font-size: 8pt; font-variant-numeric: tabular-nums; }
th { text-align: left; border-bottom: 1pt solid #16202a; font-weight: 600; } td, th { padding: .12em .4em .12em 0; vertical-align: top; } td { border-bottom: .4pt solid #d8dee4; }
td.n, th.n { text-align: right; } .n + td:not(.n), .n + th:not(.n) { padding-left: .9em; }
svg { width: 100%; height: auto; display: block; } svg text { font: 10px system-ui, "DejaVu Sans", Arial, sans-serif; fill: #16202a; } svg .small { font-size: 9px; fill: #4c5a67; } svg .strong { font-weight: 600; }
.hit { fill: #14703d; } .late { fill: #d08a1d; } .missed { fill: #b3262e; } .needless { fill: #8a97a5; }
.axis { stroke: #16202a; stroke-width: .8; } .grid { stroke: #e3e8ec; stroke-width: .8; } .guide { stroke: #8a97a5; stroke-dasharray: 3 3; } .dot { fill: #1f5fa8; }
.band90 { fill: #1f5fa8; opacity: .16; } .band50 { fill: #1f5fa8; opacity: .28; } .truth { fill: none; stroke: #16202a; stroke-width: 1.4; } .alarm { fill: none; stroke: #1f5fa8; stroke-width: 1; stroke-dasharray: 4 3; } .limit { stroke: #b3262e; stroke-width: 1.2; }
.hatch { stroke: #4c5a67; stroke-width: 1.6; } .estimate { fill: url(#hatch); stroke: #4c5a67; stroke-width: .8; } .whisker { stroke: #16202a; stroke-width: 1; }
section { break-after: page; } section:last-of-type { break-after: auto; }
@media print { body { padding: 0; max-width: none; } }
)";

std::string pounds(MicroPounds amount) {
    const std::int64_t pence = round_to_pence(amount);
    return fmt::format("£{}.{:02}", pence / 100, pence % 100);
}

std::string percent(double share) {
    return std::isnan(share) ? "–" : fmt::format("{:.0f} %", 100.0 * share);
}

std::string day(std::int64_t half_hour) {
    return format_utc(time_of(half_hour)).substr(0, 10);
}
std::string minute(std::int64_t half_hour) {
    const std::string text = format_utc(time_of(half_hour));
    return text.substr(0, 10) + " " + text.substr(11, 5);
}

std::string figure(std::string_view value, std::string_view what) {
    return fmt::format("<div><b>{}</b>{}</div>", value, what);
}

std::string verdict(const Rehearsal& rehearsal) {
    const FeederScore& all = rehearsal.all;
    std::string out =
        fmt::format("<div class=\"verdict {0}\"><b>Fit for: {0}</b>, because", to_string(all.fit));
    out += "<ul>";
    for (const std::string& reason : all.because) {
        out += "<li>" + escape_html(reason) + "</li>";
    }
    std::array<std::size_t, 3> count{};
    for (const FeederScore& feeder : rehearsal.feeders) {
        count[static_cast<std::size_t>(feeder.fit)] += 1;
    }
    out += fmt::format(
        "</ul><p class=\"muted\">By feeder: {} fit to act, {} to propose, {} to be watched in shadow",
        count[2], count[1], count[0]);
    if (!rehearsal.unmonitored.empty()) {
        out += fmt::format("; {} without readings, never fit to act", rehearsal.unmonitored.size());
    }
    return out + ".</p></div>";
}

std::string figures(const Rehearsal& rehearsal) {
    const FeederScore& all = rehearsal.all;
    const LimitScore& score = all.score;
    std::string out = "<div class=\"figures\">";
    out += figure(fmt::format("{}", score.overloads), "overloads came");
    out += figure(fmt::format("{} ({})", score.hit, percent(all.hit_share())), "seen in time");
    out += figure(fmt::format("{} late, {} missed", score.late, score.missed), "not in time");
    out += figure(fmt::format("{:.2f}", all.missed_per_winter()), "missed a feeder and winter");
    out += figure(fmt::format("{}", score.alarms), "purchases");
    out += figure(fmt::format("{} early, {} needless", score.early, score.needless), "of them");
    out += figure(fmt::format("{:.2f}", all.needless_per_winter()), "needless a feeder and winter");
    out += figure(pounds(score.cost_needless), "spent needlessly");
    out += figure(pounds(score.cost),
                  score.is_assumed ? "would have been spent (assumed price)" : "would have been spent");
    out += figure(fmt::format("{:.0f} kWh", score.energy_kwh), "over the limits");
    out += figure(fmt::format("{:.0f} kWh", score.left_kwh), "of it left with what was bought");
    out += figure(percent(all.coverage_p90()), "of readings below the 90 % quantile");
    return out + "</div>";
}

/// The purchase that covers most of an overload; nullptr for none.
const AlarmOutcome* alarm_of(const Rehearsal& rehearsal, const OverloadOutcome& overload) {
    const AlarmOutcome* best = nullptr;
    std::int64_t most = 0;
    for (const AlarmOutcome& alarm : rehearsal.alarms) {
        const std::int64_t common = std::min(alarm.end, overload.end) - std::max(alarm.first, overload.first);
        if (alarm.limit == overload.limit && common > most) {
            best = &alarm;
            most = common;
        }
    }
    return best;
}

std::string overload_table(const Rehearsal& rehearsal) {
    constexpr std::size_t rows_max = 12;
    std::vector<const OverloadOutcome*> list;
    for (const OverloadOutcome& overload : rehearsal.overloads) {
        list.push_back(&overload);
    }
    std::ranges::stable_sort(list, [](const OverloadOutcome* a, const OverloadOutcome* b) {
        return a->energy_kwh > b->energy_kwh;
    });
    const std::size_t shown = std::min(rows_max, list.size());
    if (shown == 0) {
        return "<p>No overload came.</p>";
    }
    std::string out =
        "<table><thead><tr><th>Feeder</th><th>Phase</th><th class=\"n\">Limit kW</th><th>From (UTC)</th><th "
        "class=\"n\">Peak kW</th>"
        "<th class=\"n\">Over kWh</th><th>Outcome</th><th class=\"n\">Bought kWh</th><th "
        "class=\"n\">Cost</th><th class=\"n\">Offers refused</th>"
        "<th class=\"n\">Left kWh</th></tr></thead><tbody>";
    for (std::size_t i = 0; i < shown; ++i) {
        const OverloadOutcome& overload = *list[i];
        const grid::Limit& limit = rehearsal.limits[overload.limit].watched.limit;
        const AlarmOutcome* alarm = alarm_of(rehearsal, overload);
        out += fmt::format(
            "<tr><td>{}</td><td>{}{}</td><td class=\"n\">{:.1f}</td><td>{}</td><td "
            "class=\"n\">{:.1f}</td><td class=\"n\">{:.1f}</td><td>{}</td>"
            "<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
            "class=\"n\">{:.1f}</td></tr>",
            escape_html(limit.asset), grid::to_string(limit.phase),
            limit.direction == grid::Direction::export_ ? " export" : "", limit.value, minute(overload.first),
            overload.peak_kw, overload.energy_kwh, to_string(overload.fate),
            alarm == nullptr ? "–" : fmt::format("{:.1f}", to_kilowatt_hours(alarm->purchase.bought).value),
            alarm == nullptr ? "–" : pounds(alarm->purchase.cost),
            alarm == nullptr || alarm->purchase.is_assumed ? "–"
                                                           : std::to_string(alarm->purchase.refused.size()),
            overload.left_kwh);
    }
    out += "</tbody></table>";
    if (list.size() > shown) {
        out += fmt::format(
            "<p class=\"muted\">The {} that carried most energy of {}; all of them, with the reasons of "
            "refused offers, are in the JSON answer.</p>",
            shown, list.size());
    }
    return out;
}

std::string feeder_table(const Rehearsal& rehearsal) {
    constexpr std::size_t rows_max = 8;
    const std::size_t shown = std::min(rows_max, rehearsal.feeders.size());
    std::string out =
        "<table><thead><tr><th>Feeder</th><th class=\"n\">Overloads</th><th class=\"n\">In time</th><th "
        "class=\"n\">Needless a winter</th><th class=\"n\">Cost"
        "</th><th>Fit for</th><th>Because</th></tr></thead><tbody>";
    for (std::size_t i = 0; i < shown; ++i) {
        const FeederScore& feeder = rehearsal.feeders[i];
        out += fmt::format(
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{:.1f}</td><td "
            "class=\"n\">{}</td><td>{}</td><td>{}</td></tr>",
            escape_html(feeder.feeder), feeder.score.overloads, percent(feeder.hit_share()),
            feeder.needless_per_winter(), pounds(feeder.score.cost), to_string(feeder.fit),
            feeder.because.empty() ? "" : escape_html(feeder.because.front()));
    }
    out += "</tbody></table>";
    if (rehearsal.feeders.size() > shown) {
        out += fmt::format("<p class=\"muted\">The {} worst of {} feeders.</p>", shown,
                           rehearsal.feeders.size());
    }
    return out;
}

std::string method(const Rehearsal& rehearsal, const ReportFacts& facts) {
    std::string files;
    for (const std::string& file : facts.files) {
        files += (files.empty() ? "" : ", ") + escape_html(file);
    }
    return fmt::format(
        "<p class=\"muted\">Readings: {} ({}; {} quarantined, {} doubted and not used). Limits: {}. Offers: "
        "{}. Each half-hour was forecast "
        "{} by models that had seen nothing later; {} forecasts. The alarm is raised at the {:g} % quantile: "
        "a missed overload counts {:g} "
        "times a needless purchase. In time: the alarm stood when the load first went over the limit; late: "
        "it "
        "began after that. Early: the overload began within two hours behind the purchase. A winter "
        "has 151 days; rates are from "
        "November to March where 30 such days were walked, else from all days. Headroom {}.</p>",
        facts.readings, files, facts.quarantined, facts.doubted, escape_html(facts.limits_from),
        escape_html(facts.offers_from),
        rehearsal.options.lead.ahead_s > 0
            ? fmt::format("{} minutes before", rehearsal.options.lead.ahead_s / 60)
            : std::string("at 06:00 UTC on the day before"),
        rehearsal.forecasts, 100.0 * rehearsal.alarm_quantile, rehearsal.options.cost_ratio,
        escape_html(facts.version));
}

}  // namespace

std::string report_html(const Rehearsal& rehearsal, const ReportFacts& facts) {
    std::string out =
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\"><title>Rehearsal</title><style>";
    out += style;
    out += "</style></head><body><section>";
    out += fmt::format(
        "<h1>Rehearsal</h1><p class=\"muted\">{} to {}, {} feeders with readings, {} limits: what Headroom "
        "would have seen, "
        "bought and missed.</p>",
        day(rehearsal.first), day(rehearsal.end), rehearsal.feeders.size(), rehearsal.limits.size());
    out += verdict(rehearsal) + figures(rehearsal);
    const auto part = [&out](std::string_view title, const std::string& content) {
        if (!content.empty()) {
            out += fmt::format("<h2>{}</h2>{}", title, content);
        }
    };
    part("By feeder: overloads and needless purchases", chart_of_feeders(rehearsal));
    part("Do the quantiles keep their word?", chart_of_coverage(rehearsal));
    out += "</section><section>";
    part("The overload that carried most energy", chart_of_worst(rehearsal));
    part("Overloads, and what would have been bought", overload_table(rehearsal));
    part("Feeders", feeder_table(rehearsal));
    part("Feeders without readings: estimated, for shadow only", chart_of_unmonitored(rehearsal));
    part("How this was made", method(rehearsal, facts));
    return out + "</section></body></html>\n";
}

}  // namespace headroom::rehearsal
