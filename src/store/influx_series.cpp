#include "net/http_client.hpp"
#include "store/influx.hpp"
#include "store/influx_answers.hpp"
#include "store/influx_line.hpp"
#include "store/influx_wire.hpp"
#include "store/series_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace headroom::store {
namespace {

using influx::quoted_name;
using influx::quoted_text;

constexpr std::size_t lines_at_once = 5'000;

/// Times of InfluxQL, exact to the millisecond.
std::string between(std::int64_t from_ms, std::int64_t to_ms) {
    return fmt::format("time >= {}ms AND time < {}ms", from_ms, to_ms);
}

class InfluxSeries final : public Series {
  public:
    explicit InfluxSeries(influx::Wire wire) : wire_(std::move(wire)), client_(influx::client_for(wire_)) {}

    /// A 1.x makes its database; a 2.x must have its bucket.
    Result<void> open() {
        if (wire_.is_v2()) {
            return {};
        }
        const Result<influx::Table> made = ask("CREATE DATABASE " + quoted_name(wire_.database()));
        return made ? Result<void>{} : Result<void>(made.error());
    }

    Result<void> write(const std::vector<SeriesBlock>& blocks) override {
        if (Result<void> checked = check(blocks); !checked) {
            return checked;
        }
        std::vector<influx::SeriesPlace> places;
        for (const SeriesBlock& block : blocks) {
            Result<influx::SeriesPlace> place =
                influx::place_of(block.key, block.step, wire_.options().source);
            if (!place) {
                return place.error();
            }
            const Result<std::int64_t> step = step_of(block.key);
            if (!step && step.error().code != Errc::not_found) {
                return step.error();
            }
            if (step && *step != block.step.count()) {
                return other_step(block.key, *step, block.step.count());
            }
            places.push_back(std::move(*place));
        }
        std::string lines;
        std::size_t count = 0;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            if (Result<void> cleared = clear_unknown(places[i], blocks[i]); !cleared) {
                return cleared;
            }
            const std::size_t added = influx::append_lines(lines, places[i], blocks[i]);
            count += added;
            if (added > 0) {
                steps_[blocks[i].key] = blocks[i].step.count();
            }
            if (count >= lines_at_once) {
                if (Result<void> sent = send(lines); !sent) {
                    return sent;
                }
                lines.clear();
                count = 0;
            }
        }
        return send(lines);
    }

    Result<SeriesBlock> read(std::string_view key, UtcTime from, UtcTime to) override {
        const Result<std::int64_t> step = step_of(key);
        if (!step) {
            return step.error();
        }
        SeriesBlock block{std::string(key), series_ceil(from, *step), milliseconds{*step}, {}};
        const UtcTime until = std::min(to, UtcTime{milliseconds{series_last_ms}});
        const std::int64_t count =
            until <= block.start ? 0 : (until - block.start - milliseconds{1}) / block.step + 1;
        if (const Result<void> fits = check_read(key, count); !fits) {
            return fits.error();
        }
        block.values.assign(static_cast<std::size_t>(count), unknown_value);
        if (count == 0) {
            return block;
        }
        const std::int64_t first_ms = block.start.time_since_epoch().count();
        const Result<influx::Table> got =
            ask("SELECT \"value\" FROM " + where_of(key, *step, first_ms, first_ms + count * *step));
        if (!got) {
            return got.error();
        }
        for (const influx::Row& row : got->rows()) {
            const std::int64_t at = (row.time_ms() - first_ms) / *step;
            if (at >= 0 && at < count) {
                block.values[static_cast<std::size_t>(at)] = static_cast<float>(row.number("value"));
            }
        }
        return block;
    }

    Result<SeriesSummary> summarise(std::string_view key, UtcTime from, UtcTime to,
                                    milliseconds step) override {
        const Result<std::int64_t> own = step_of(key);
        if (!own) {
            return own.error();
        }
        const Result<StepRange> range = steps_between(key, from, to, std::max(step.count(), *own));
        if (!range) {
            return range.error();
        }
        SeriesSummary out = empty_summary(key, *range);
        if (range->count == 0) {
            return out;
        }
        const std::int64_t first_ms = range->first * range->step_ms;
        const Result<influx::Table> got = ask(
            "SELECT mean(\"value\") AS mean, min(\"value\") AS low, max(\"value\") AS high, min(\"min\") AS "
            "lowest, max(\"max\") AS highest, last(\"value\") AS last, count(\"value\") AS count FROM " +
            where_of(key, *own, first_ms, first_ms + range->count * range->step_ms) +
            fmt::format(" GROUP BY time({}ms) fill(none)", range->step_ms));
        if (!got) {
            return got.error();
        }
        for (const influx::Row& row : got->rows()) {
            const std::int64_t at = (row.time_ms() - first_ms) / range->step_ms;
            if (at >= 0 && at < range->count) {
                put(out, static_cast<std::size_t>(at), row);
            }
        }
        return out;
    }

    Result<std::vector<std::string>> keys() override {
        const Result<influx::Table> got =
            ask("SHOW SERIES FROM \"load\", \"predictions\" WHERE \"source\" = " +
                quoted_text(wire_.options().source));
        if (!got) {
            return got.error();
        }
        std::vector<std::string> out;
        for (const influx::Row& row : got->rows()) {
            if (const auto key = influx::key_of(influx::tags_of_series(row.text("key")))) {
                out.push_back(*key);
            }
        }
        std::sort(out.begin(), out.end());
        out.erase(std::unique(out.begin(), out.end()), out.end());
        return out;
    }

    Result<void> drop_before(UtcTime instant) override {
        steps_.clear();
        const std::int64_t ms =
            std::clamp<std::int64_t>(instant.time_since_epoch().count(), 0, series_last_ms);
        const Result<influx::Table> dropped = ask(fmt::format("DELETE WHERE time < {}ms", ms));
        return dropped ? Result<void>{} : Result<void>(dropped.error());
    }

    Result<void> record(const std::vector<Measurement>& measurements) override {
        std::string lines;
        for (Measurement measurement : measurements) {
            if (Result<void> checked = check(measurement); !checked) {
                return checked;
            }
            for (const auto& [name, value] : measurement.tags) {
                if (!influx::is_tag_value(value)) {
                    return Error{Errc::invalid, "measurement '" + measurement.name + "': tag " + name +
                                                    " ends in a backslash"};
                }
            }
            influx::append_line(lines, measurement, wire_.options().source);
        }
        return send(lines);
    }

    Result<std::vector<Measurement>> recorded(std::string_view name, UtcTime from, UtcTime to,
                                              std::size_t limit) override {
        const Result<influx::Table> kinds = ask("SHOW FIELD KEYS FROM " + quoted_name(name));
        if (!kinds) {
            return kinds.error();
        }
        std::map<std::string, std::string> kind_of;
        for (const influx::Row& row : kinds->rows()) {
            kind_of[row.text("fieldKey")] = row.text("fieldType");
        }
        const Result<influx::Table> got =
            ask("SELECT * FROM " + quoted_name(name) + " WHERE " +
                between(from.time_since_epoch().count(), to.time_since_epoch().count()) +
                fmt::format(" GROUP BY * LIMIT {}", std::clamp<std::size_t>(limit, 1, 1'000'000)));
        if (!got) {
            return got.error();
        }
        std::vector<Measurement> out = influx::measurements_of(*got, name, wire_.options().source, kind_of);
        std::sort(out.begin(), out.end(), [](const Measurement& a, const Measurement& b) {
            return a.at == b.at ? a.tags < b.tags : a.at < b.at;
        });
        out.resize(std::min(out.size(), limit));
        return out;
    }

    /// The server keeps as long as its retention policy says, and needs no help.
    Result<bool> upkeep(UtcTime, const SeriesRetention&) override { return false; }
    /// What was answered for stands in the server's own journal.
    Result<void> flush() override { return {}; }

  private:
    Result<influx::Table> ask(const std::string& influx_ql) {
        return influx::table_of(client_.send_wait(wire_.query(influx_ql)));
    }

    Result<void> send(const std::string& lines) {
        if (lines.empty()) {
            return {};
        }
        Result<net::ClientRequest> request = wire_.write(lines);
        if (!request) {
            return request.error();
        }
        const Result<net::ClientResponse> response = client_.send_wait(std::move(*request));
        if (!response) {
            return response.error();
        }
        const influx::Answer answer = influx::answer_of(response);
        if (answer.kind == influx::Answer::Kind::written && answer.rejected == 0) {
            return {};
        }
        const bool is_denied = response->status == 401 || response->status == 403;
        return Error{is_denied                                    ? Errc::denied
                     : answer.kind == influx::Answer::Kind::later ? Errc::unavailable
                                                                  : Errc::invalid,
                     wire_.options().url + ": " + answer.fault};
    }

    /// A line without a value is none: what was there before must go.
    Result<void> clear_unknown(const influx::SeriesPlace& place, const SeriesBlock& block) {
        for (std::size_t i = 0; i < block.values.size(); ++i) {
            if (!std::isnan(block.values[i]) || !steps_.contains(block.key)) {
                continue;
            }
            const UtcTime at = block.start + block.step * static_cast<std::int64_t>(i);
            const std::int64_t ms = at.time_since_epoch().count();
            std::string statement = "DELETE FROM " + quoted_name(place.measurement) + " WHERE ";
            for (const auto& [name, value] : place.tags) {
                statement += quoted_name(name) + " = " + quoted_text(value) + " AND ";
            }
            const Result<influx::Table> gone = ask(statement + fmt::format("time = {}ms", ms));
            if (!gone) {
                return gone.error();
            }
        }
        return {};
    }

    /// `"load" WHERE "feeder" = 'F-1' AND …`
    [[nodiscard]] std::string where_of(std::string_view key, std::int64_t step_ms, std::int64_t from_ms,
                                       std::int64_t to_ms) const {
        const Result<influx::SeriesPlace> place =
            influx::place_of(key, milliseconds{step_ms}, wire_.options().source);
        HEADROOM_ASSERT(place.has_value());  // its step was found
        std::string out = quoted_name(place->measurement) + " WHERE ";
        for (const auto& [name, value] : place->tags) {
            out += quoted_name(name) + " = " + quoted_text(value) + " AND ";
        }
        return out + between(from_ms, to_ms);
    }

    /// The step of a key, from its tags. Errors: `not_found`.
    Result<std::int64_t> step_of(std::string_view key) {
        if (const auto found = steps_.find(key); found != steps_.end()) {
            return found->second;
        }
        // A minute's step tells where it stands; any other step is looked up.
        for (const milliseconds guess : {milliseconds{minutes{1}}, milliseconds{minutes{30}}}) {
            const Result<influx::SeriesPlace> place = influx::place_of(key, guess, wire_.options().source);
            if (!place) {
                return no_series(key);
            }
            std::string question =
                "SHOW TAG VALUES FROM " + quoted_name(place->measurement) + " WITH KEY = \"step_s\" WHERE ";
            bool is_windowed = false;
            for (const auto& [name, value] : place->tags) {
                is_windowed = is_windowed || name == "window";
                if (name != "step_s") {
                    question += quoted_name(name) + " = " + quoted_text(value) + " AND ";
                }
            }
            question += is_windowed ? "\"window\" != ''" : "\"window\" = ''";
            const Result<influx::Table> got = ask(question);
            if (!got) {
                return got.error();
            }
            if (!got->rows().empty()) {
                const double step_s = std::strtod(got->rows().front().text("value").c_str(), nullptr);
                const auto step_ms = static_cast<std::int64_t>(std::llround(step_s * 1'000.0));
                if (step_ms < series_step_ms_min || series_day_ms % step_ms != 0) {
                    return Error{Errc::corrupt, series_name(key) + " has a step of " +
                                                    std::to_string(step_ms) + " ms in " +
                                                    wire_.options().url};
                }
                steps_[std::string(key)] = step_ms;
                return step_ms;
            }
        }
        return no_series(key);
    }

    static SeriesSummary empty_summary(std::string_view key, const StepRange& range) {
        const auto count = static_cast<std::size_t>(range.count);
        return {.key = std::string(key),
                .start = UtcTime{milliseconds{range.first * range.step_ms}},
                .step = milliseconds{range.step_ms},
                .mean = std::vector<float>(count, unknown_value),
                .min = std::vector<float>(count, unknown_value),
                .max = std::vector<float>(count, unknown_value),
                .last = std::vector<float>(count, unknown_value),
                .count = std::vector<std::uint32_t>(count, 0)};
    }

    static void put(SeriesSummary& out, std::size_t at, const influx::Row& row) {
        const double count = row.number("count");
        if (!(count > 0.0)) {
            return;
        }
        out.mean[at] = static_cast<float>(row.number("mean"));
        out.min[at] = static_cast<float>(std::fmin(row.number("low"), row.number("lowest")));
        out.max[at] = static_cast<float>(std::fmax(row.number("high"), row.number("highest")));
        out.last[at] = static_cast<float>(row.number("last"));
        out.count[at] = static_cast<std::uint32_t>(count);
    }

    influx::Wire wire_;
    net::HttpClient client_;
    std::map<std::string, std::int64_t, std::less<>> steps_;
};

}  // namespace

Result<std::unique_ptr<Series>> open_influx_series(InfluxOptions options) {
    Result<influx::Wire> wire = influx::Wire::make(std::move(options));
    if (!wire) {
        return wire.error();
    }
    auto series = std::make_unique<InfluxSeries>(std::move(*wire));
    const Result<void> opened = series->open();
    if (!opened) {
        return opened.error();
    }
    return std::unique_ptr<Series>(std::move(series));
}

}  // namespace headroom::store
