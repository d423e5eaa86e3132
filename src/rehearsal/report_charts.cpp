#include "rehearsal/report_charts.hpp"

#include "rehearsal/score.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace headroom::rehearsal {
namespace {

constexpr double width = 700.0;

std::string text(double x, double y, std::string_view anchor, std::string_view content,
                 std::string_view css = "") {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\">{}</text>", x, y,
                       anchor, css, escape_html(content));
}

std::string box(double x, double y, double w, double h, std::string_view css) {
    return fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"{}\"/>", x,
                       y, std::max(w, 0.0), std::max(h, 0.0), css);
}

std::string line(double x1, double y1, double x2, double y2, std::string_view css) {
    return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>", x1, y1,
                       x2, y2, css);
}

std::string open(double height, std::string_view label) {
    return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">", width, height,
                       escape_html(label));
}

std::string shortened(const std::string& name, std::size_t most) {
    return name.size() <= most ? name : name.substr(0, most - 1) + "…";
}

/// 1, 2 or 5 times a power of ten, so that at most `parts` of them reach `span`.
double round_step(double span, double parts) {
    const double raw = std::max(span, 1e-9) / parts;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= raw) {
            return factor * power;
        }
    }
    return 10.0 * power;
}

}  // namespace

std::string escape_html(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}

std::string chart_of_feeders(const Rehearsal& rehearsal) {
    constexpr std::size_t bars_max = 14;
    constexpr double left = 130.0;
    constexpr double bar = 11.0;
    std::vector<const FeederScore*> shown;
    std::size_t most = 1;
    for (const FeederScore& feeder : rehearsal.feeders) {
        const std::size_t all = feeder.score.overloads + feeder.score.needless;
        if (all > 0 && shown.size() < bars_max) {
            shown.push_back(&feeder);
            most = std::max(most, all);
        }
    }
    if (shown.empty()) {
        return {};
    }
    const double height = 24.0 + static_cast<double>(shown.size()) * (bar + 4.0);
    const double scale = (width - left - 60.0) / static_cast<double>(most);
    std::string out =
        open(height, "Overloads seen in time, late and missed, and needless purchases, by feeder");
    double y = 4.0;
    for (const FeederScore* feeder : shown) {
        out += text(left - 6.0, y + bar - 2.0, "end", shortened(feeder->feeder, 20));
        double x = left;
        const LimitScore& score = feeder->score;
        for (const auto& [count, css] : {std::pair<std::size_t, std::string_view>{score.hit, "hit"},
                                         {score.late, "late"},
                                         {score.missed, "missed"},
                                         {score.needless, "needless"}}) {
            const double w = static_cast<double>(count) * scale;
            out += count == 0 ? "" : box(x, y, w, bar, css);
            x += w;
        }
        out += text(x + 4.0, y + bar - 2.0, "start",
                    fmt::format("{} of {}, {}", score.hit, score.overloads, score.needless), "small");
        y += bar + 4.0;
    }
    double x = left;
    for (const auto& [css, word] : {std::pair<std::string_view, std::string_view>{"hit", "seen in time"},
                                    {"late", "late"},
                                    {"missed", "missed"},
                                    {"needless", "needless purchase"}}) {
        out += box(x, y + 5.0, 10.0, 8.0, css) + text(x + 14.0, y + 12.5, "start", word, "small");
        x += 30.0 + 6.0 * static_cast<double>(word.size());
    }
    return out + "</svg>";
}

std::string chart_of_coverage(const Rehearsal& rehearsal) {
    constexpr double height = 150.0;
    constexpr double left = 60.0;
    constexpr double side = 120.0;
    if (std::isnan(rehearsal.coverage[0])) {
        return {};
    }
    std::string out = open(height, "Share of readings below each quantile");
    out += line(left, 10.0 + side, left + side, 10.0, "guide");
    out += line(left, 10.0, left, 10.0 + side, "axis") +
           line(left, 10.0 + side, left + side, 10.0 + side, "axis");
    for (const double tick : {0.0, 0.5, 1.0}) {
        out += text(left - 5.0, 13.0 + side * (1.0 - tick), "end", fmt::format("{:.0f} %", 100.0 * tick),
                    "small");
        out +=
            text(left + side * tick, height - 6.0, "middle", fmt::format("{:.0f} %", 100.0 * tick), "small");
    }
    for (std::size_t q = 0; q < forecast::quantile_count; ++q) {
        out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.2\" class=\"dot\"/>",
                           left + side * forecast::quantiles[q], 10.0 + side * (1.0 - rehearsal.coverage[q]));
    }
    double y = 24.0;
    out += text(left + side + 40.0, y, "start", "Quantile: share of readings at or below it", "strong");
    for (std::size_t q = 0; q < forecast::quantile_count; ++q) {
        y += 15.0;
        out += text(
            left + side + 40.0, y, "start",
            fmt::format("{:g} %:  {:.1f} %", 100.0 * forecast::quantiles[q], 100.0 * rehearsal.coverage[q]));
    }
    return out + "</svg>";
}

std::string chart_of_worst(const Rehearsal& rehearsal) {
    const auto worst = std::ranges::max_element(rehearsal.overloads, {}, &OverloadOutcome::energy_kwh);
    if (worst == rehearsal.overloads.end()) {
        return {};
    }
    constexpr double height = 210.0;
    constexpr double left = 46.0;
    constexpr double top = 10.0;
    constexpr double plot_h = 165.0;
    const LimitWalk& walk = rehearsal.limits[worst->limit];
    const double limit = walk.watched.limit.value;
    const auto steps = static_cast<std::int64_t>(walk.truth_kw.size());
    const std::int64_t middle = (worst->first + worst->end) / 2 - walk.first;
    const std::int64_t from = std::clamp<std::int64_t>(middle - 48, 0, std::max<std::int64_t>(0, steps - 96));
    const std::int64_t to = std::min(steps, from + 96);
    double low = 0.0;
    double high = limit;
    for (std::int64_t k = from; k < to; ++k) {
        const auto& row = walk.foretold_kw[static_cast<std::size_t>(k)];
        for (const float kw : {row.front(), row.back(), walk.truth_kw[static_cast<std::size_t>(k)]}) {
            if (!std::isnan(kw)) {
                low = std::min(low, static_cast<double>(kw));
                high = std::max(high, static_cast<double>(kw));
            }
        }
    }
    high += 0.05 * (high - low);
    const double step_x = (width - left - 10.0) / static_cast<double>(std::max<std::int64_t>(1, to - from));
    const auto x_of = [&](std::int64_t k) { return left + (static_cast<double>(k - from) + 0.5) * step_x; };
    const auto y_of = [&](double kw) { return top + plot_h * (1.0 - (kw - low) / (high - low)); };
    std::string out = open(height, "The overload that carried most energy");
    const double tick = round_step(high - low, 5.0);
    for (double kw = std::ceil(low / tick) * tick; kw <= high; kw += tick) {
        out += line(left, y_of(kw), width - 10.0, y_of(kw), "grid") +
               text(left - 5.0, y_of(kw) + 3.0, "end", fmt::format("{:g}", kw), "small");
    }
    const auto area = [&](std::size_t lower, std::size_t upper, std::string_view css) {
        std::string forth, back;
        for (std::int64_t k = from; k < to; ++k) {
            const auto& row = walk.foretold_kw[static_cast<std::size_t>(k)];
            if (!std::isnan(row[0])) {
                forth += fmt::format("{:.1f},{:.1f} ", x_of(k), y_of(static_cast<double>(row[upper])));
                back = fmt::format("{:.1f},{:.1f} ", x_of(k), y_of(static_cast<double>(row[lower]))) + back;
            }
        }
        return fmt::format("<polygon points=\"{}{}\" class=\"{}\"/>", forth, back, css);
    };
    out += area(0, forecast::quantile_count - 1, "band90") + area(2, 4, "band50");
    std::string truth, alarm;
    for (std::int64_t k = from; k < to; ++k) {
        const float kw = walk.truth_kw[static_cast<std::size_t>(k)];
        const double foretold =
            at_quantile(walk.foretold_kw[static_cast<std::size_t>(k)], rehearsal.alarm_quantile);
        truth += std::isnan(kw) ? "" : fmt::format("{:.1f},{:.1f} ", x_of(k), y_of(static_cast<double>(kw)));
        alarm += std::isnan(foretold) ? "" : fmt::format("{:.1f},{:.1f} ", x_of(k), y_of(foretold));
    }
    out += fmt::format("<polyline points=\"{}\" class=\"alarm\"/><polyline points=\"{}\" class=\"truth\"/>",
                       alarm, truth);
    out += line(left, y_of(limit), width - 10.0, y_of(limit), "limit");
    for (std::int64_t k = from; k < to; k += 24) {
        const std::string time = format_utc(time_of(walk.first + k));
        out += text(x_of(k), height - 22.0, "middle", time.substr(5, 5) + " " + time.substr(11, 5), "small");
    }
    out += text(
        left, height - 5.0, "start",
        fmt::format(
            "kW, UTC. Black: what came. Band: 50 and 90 % of the forecast {}. Dashed: the {:g} % quantile, "
            "which raises the alarm. Red: the limit.",
            rehearsal.options.lead.ahead_s > 0
                ? fmt::format("{} min before", rehearsal.options.lead.ahead_s / 60)
                : std::string("of the day before"),
            100.0 * rehearsal.alarm_quantile),
        "small");
    return out + "</svg>";
}

std::string chart_of_unmonitored(const Rehearsal& rehearsal) {
    constexpr std::size_t bars_max = 6;
    constexpr double left = 130.0;
    constexpr double bar = 11.0;
    std::vector<const UnmonitoredFeeder*> shown;
    for (const UnmonitoredFeeder& feeder : rehearsal.unmonitored) {
        shown.push_back(&feeder);
    }
    std::ranges::stable_sort(shown, [](const UnmonitoredFeeder* a, const UnmonitoredFeeder* b) {
        return a->peak_kw / a->rating_kw > b->peak_kw / b->rating_kw;
    });
    shown.resize(std::min(shown.size(), bars_max));
    if (shown.empty()) {
        return {};
    }
    double most = 1.2;
    for (const UnmonitoredFeeder* feeder : shown) {
        most = std::max(most, 1.05 * feeder->peak_high_kw / feeder->rating_kw);
    }
    const double height = 22.0 + static_cast<double>(shown.size()) * (bar + 4.0);
    const double scale = (width - left - 120.0) / most;
    std::string out = open(height, "Estimated peaks of feeders without readings");
    out +=
        "<defs><pattern id=\"hatch\" width=\"5\" height=\"5\" patternTransform=\"rotate(45)\" "
        "patternUnits=\"userSpaceOnUse\"><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"5\" "
        "class=\"hatch\"/></pattern></defs>";
    double y = 4.0;
    for (const UnmonitoredFeeder* feeder : shown) {
        const double middle = feeder->peak_kw / feeder->rating_kw;
        out += text(left - 6.0, y + bar - 2.0, "end", shortened(feeder->feeder, 20));
        out += box(left, y, middle * scale, bar, "estimate");
        out += line(left + scale * feeder->peak_low_kw / feeder->rating_kw, y + bar / 2.0,
                    left + scale * feeder->peak_high_kw / feeder->rating_kw, y + bar / 2.0, "whisker");
        out += text(left + scale * most + 4.0, y + bar - 2.0, "start",
                    fmt::format("{:.0f} % of {:g} kW", 100.0 * middle, feeder->rating_kw), "small");
        y += bar + 4.0;
    }
    out += line(left + scale, 0.0, left + scale, y, "limit");
    out += text(left + scale, y + 11.0, "middle", "rating", "small");
    return out + "</svg>";
}

}  // namespace headroom::rehearsal
