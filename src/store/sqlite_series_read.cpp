#include "store/sqlite_series.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace headroom::store {
namespace {

/// Calls `on_row` for each row of a statement that has been bound.
template <class OnRow>
Result<void> each_row_while_good(sqlite::Query& rows, OnRow on_row) {
    while (true) {
        const Result<bool> row = rows.step();
        if (!row) {
            return row.error();
        }
        if (!*row) {
            return {};
        }
        if (Result<void> taken = on_row(); !taken) {
            return taken;
        }
    }
}

}  // namespace

Result<SqliteSeries::Key> SqliteSeries::find(std::string_view name) {
    sqlite::Query row = database_->query("SELECT key_id, step_ms FROM series WHERE key = ?1");
    const Result<bool> found = row.bind(name).step();
    if (!found) {
        return found.error();
    }
    if (!*found) {
        return no_series(name);
    }
    const Key key{row.integer(0), row.integer(1)};
    if (key.step_ms < series_step_ms_min || series_day_ms % key.step_ms != 0) {
        return broken(series_name(name) + " has a step of " + std::to_string(key.step_ms) + " ms");
    }
    return key;
}

Result<void> SqliteSeries::each_day(const Key& key, std::int64_t first_day, std::int64_t last_day,
                                    const OnDay& on_day) {
    sqlite::Query rows = database_->query(
        "SELECT day, data FROM days WHERE key_id = ?1 AND step_ms = ?2 AND day >= ?3 AND day <= ?4");
    rows.bind(key.id).bind(key.step_ms).bind(first_day).bind(last_day);
    DayRow row(key.step_ms);
    return each_row_while_good(rows, [&]() -> Result<void> {
        if (!row.assign(rows.blob(1))) {
            return broken("day " + std::to_string(rows.integer(0)) + " of series " + std::to_string(key.id) +
                          " has " + std::to_string(rows.blob(1).size()) + " bytes instead of " +
                          std::to_string(row.steps() * sizeof(float)));
        }
        return on_day(rows.integer(0), row);
    });
}

Result<void> SqliteSeries::each_slot(const Key& key, std::int64_t from_ms, std::int64_t to_ms,
                                     const OnSlot& on_slot) {
    sqlite::Query rows = database_->query(
        "SELECT start_ms, columns, data FROM tiles WHERE step_ms = ?1 AND block = ?2 AND start_ms >= ?3 AND "
        "start_ms < ?4");
    rows.bind(key.step_ms).bind(key.id / Tile::series).bind(from_ms).bind(to_ms);
    const auto place = static_cast<std::size_t>(key.id % Tile::series);
    return each_row_while_good(rows, [&]() -> Result<void> {
        if (const std::optional<Tile::Slot> slot = Tile::peek(rows.integer(1), rows.blob(2), place)) {
            on_slot(rows.integer(0), *slot);
        }
        return {};
    });
}

Result<DayRow> SqliteSeries::day_row(const Key& key, std::int64_t day) {
    DayRow out(key.step_ms);
    const Result<void> read = each_day(key, day, day, [&](std::int64_t, const DayRow& row) -> Result<void> {
        out = row;
        return {};
    });
    return read ? Result<DayRow>(std::move(out)) : Result<DayRow>(read.error());
}

Result<SeriesBlock> SqliteSeries::read(std::string_view key_name, UtcTime from, UtcTime to) {
    const Result<Key> key = find(key_name);
    if (!key) {
        return key.error();
    }
    SeriesBlock block{std::string(key_name), series_ceil(from, key->step_ms), milliseconds{key->step_ms}, {}};
    const UtcTime until = std::min(to, UtcTime{milliseconds{series_last_ms}});
    const std::int64_t count =
        until <= block.start ? 0 : (until - block.start - milliseconds{1}) / block.step + 1;
    if (const Result<void> fits = check_read(key_name, count); !fits) {
        return fits.error();
    }
    block.values.assign(static_cast<std::size_t>(count), unknown_value);
    if (count == 0) {
        return block;
    }
    const std::int64_t first = block.start.time_since_epoch().count() / key->step_ms;  // of all since 1970
    const std::int64_t per_day = series_day_ms / key->step_ms;
    Result<void> done =
        each_day(*key, first / per_day, (first + count - 1) / per_day,
                 [&](std::int64_t day, const DayRow& row) -> Result<void> {
                     const std::int64_t begin = std::max(first, day * per_day);
                     const std::int64_t end = std::min(first + count, (day + 1) * per_day);
                     const std::span<const float> means = row.columns().mean;
                     std::copy(means.begin() + (begin - day * per_day), means.begin() + (end - day * per_day),
                               block.values.begin() + (begin - first));
                     return {};
                 });
    if (done) {
        done = each_slot(*key, first * key->step_ms, (first + count) * key->step_ms,
                         [&](std::int64_t start, const Tile::Slot& slot) {
                             block.values[static_cast<std::size_t>(start / key->step_ms - first)] = slot.mean;
                         });
    }
    return done ? Result<SeriesBlock>(std::move(block)) : Result<SeriesBlock>(done.error());
}

/// Days whose levels do not show yet what was written.
Result<std::set<std::int64_t>> SqliteSeries::days_not_rolled_up(const Key& key, std::int64_t first_day,
                                                                std::int64_t last_day) {
    std::set<std::int64_t> days;
    sqlite::Query stale =
        database_->query("SELECT day FROM stale_days WHERE key_id = ?1 AND day >= ?2 AND day <= ?3");
    stale.bind(key.id).bind(first_day).bind(last_day);
    Result<void> done = each_row_while_good(stale, [&]() -> Result<void> {
        days.insert(stale.integer(0));
        return {};
    });
    if (!done) {
        return done.error();
    }
    sqlite::Query tiles = database_->query(
        "SELECT DISTINCT start_ms / 86400000 FROM tiles WHERE step_ms = ?1 AND block = ?2 AND start_ms >= ?3 "
        "AND start_ms < ?4");
    tiles.bind(key.step_ms)
        .bind(key.id / Tile::series)
        .bind(first_day * series_day_ms)
        .bind((last_day + 1) * series_day_ms);
    done = each_row_while_good(tiles, [&]() -> Result<void> {
        days.insert(tiles.integer(0));
        return {};
    });
    return done ? Result<std::set<std::int64_t>>(std::move(days))
                : Result<std::set<std::int64_t>>(done.error());
}

/// The values themselves, of all days or only of some.
Result<void> SqliteSeries::add_values(const Key& key, std::int64_t first_day, std::int64_t last_day,
                                      const std::set<std::int64_t>* only, SummaryBuilder& builder) {
    // Days with tiles are put together first: a value in a tile stands before the row's.
    std::vector<std::pair<std::int64_t, Tile::Slot>> slots;
    Result<void> done =
        each_slot(key, first_day * series_day_ms, (last_day + 1) * series_day_ms,
                  [&](std::int64_t start, const Tile::Slot& slot) { slots.emplace_back(start, slot); });
    std::map<std::int64_t, DayRow> mixed;
    for (const auto& [start, slot] : slots) {
        const std::int64_t day = start / series_day_ms;
        if (!mixed.contains(day)) {
            Result<DayRow> stored = day_row(key, day);
            if (!stored) {
                return stored.error();
            }
            mixed.emplace(day, std::move(*stored));
        }
        mixed.at(day).put(static_cast<std::size_t>(start % series_day_ms / key.step_ms), slot.mean, slot.min,
                          slot.max);
    }
    for (const auto& [day, row] : mixed) {
        if (only == nullptr || only->contains(day)) {
            builder.add(row.columns(), day * series_day_ms, key.step_ms);
        }
    }
    if (!done) {
        return done;
    }
    const auto take = [&](std::int64_t day, const DayRow& row) -> Result<void> {
        if (!mixed.contains(day)) {
            builder.add(row.columns(), day * series_day_ms, key.step_ms);
        }
        return {};
    };
    if (only == nullptr) {
        return each_day(key, first_day, last_day, take);
    }
    for (const std::int64_t day : *only) {
        if (Result<void> read = each_day(key, day, day, take); !read) {
            return read;
        }
    }
    return {};
}

Result<void> SqliteSeries::add_level(const Key& key, std::int64_t level_ms, std::int64_t first_day,
                                     std::int64_t last_day, const std::set<std::int64_t>& left_out,
                                     SummaryBuilder& builder) {
    const std::int64_t row_days = level_row_days(level_ms);
    const std::int64_t per_day = series_day_ms / level_ms;
    LevelRow row(static_cast<std::size_t>(row_days * per_day));
    sqlite::Query rows = database_->query(
        "SELECT span, data FROM rollups WHERE key_id = ?1 AND level_ms = ?2 AND span >= ?3 AND span <= ?4");
    rows.bind(key.id).bind(level_ms).bind(first_day / row_days).bind(last_day / row_days);
    return each_row_while_good(rows, [&]() -> Result<void> {
        const std::string_view data = rows.blob(1);
        if (!row.assign({data.data(), data.size()})) {
            return broken("a roll-up of series " + std::to_string(key.id) + " has " +
                          std::to_string(data.size()) + " bytes");
        }
        const std::int64_t row_day = rows.integer(0) * row_days;
        for (std::int64_t day = std::max(first_day, row_day);
             day <= std::min(last_day, row_day + row_days - 1); ++day) {
            if (left_out.contains(day)) {
                continue;
            }
            for (std::int64_t i = 0; i < per_day; ++i) {
                builder.add(row, static_cast<std::size_t>((day - row_day) * per_day + i),
                            day * series_day_ms + i * level_ms);
            }
        }
        return {};
    });
}

Result<SummaryBuilder> SqliteSeries::sum_up(const Key& key, const StepRange& range, std::int64_t level_ms) {
    SummaryBuilder builder(range.first, range.count, range.step_ms);
    const std::int64_t first_day = range.first * range.step_ms / series_day_ms;
    const std::int64_t last_day = ((range.first + range.count) * range.step_ms - 1) / series_day_ms;
    if (level_ms == key.step_ms) {
        const Result<void> added = add_values(key, first_day, last_day, nullptr, builder);
        return added ? Result<SummaryBuilder>(std::move(builder)) : Result<SummaryBuilder>(added.error());
    }
    const Result<std::set<std::int64_t>> left_out = days_not_rolled_up(key, first_day, last_day);
    if (!left_out) {
        return left_out.error();
    }
    Result<void> added = add_level(key, level_ms, first_day, last_day, *left_out, builder);
    if (added && !left_out->empty()) {
        added = add_values(key, *left_out->begin(), *left_out->rbegin(), &*left_out, builder);
    }
    return added ? Result<SummaryBuilder>(std::move(builder)) : Result<SummaryBuilder>(added.error());
}

Result<SeriesSummary> SqliteSeries::summarise(std::string_view key_name, UtcTime from, UtcTime to,
                                              milliseconds step) {
    const Result<Key> key = find(key_name);
    if (!key) {
        return key.error();
    }
    const std::int64_t wanted = std::max(step.count(), key->step_ms);
    // The coarsest level that divides the step; the values themselves else.
    std::int64_t level = key->step_ms;
    for (const std::int64_t higher : levels_above(key->step_ms)) {
        level = wanted % higher == 0 ? higher : level;
    }
    Result<StepRange> range = steps_between(key_name, from, to, wanted);
    if (!range) {
        return range.error();
    }
    const Result<void> fits = check_read(key_name, level == key->step_ms ? range->count * wanted / level : 0);
    if (!fits) {
        return fits.error();
    }
    Result<SummaryBuilder> sums = sum_up(*key, *range, level);
    for (const std::int64_t higher : levels_above(key->step_ms)) {
        if (!sums || sums->any()) {
            break;
        }
        if (higher > level) {
            range = steps_between(key_name, from, to, std::max(wanted, higher));
            sums = range ? sum_up(*key, *range, higher) : Result<SummaryBuilder>(range.error());
        }
    }
    return sums ? Result<SeriesSummary>(sums->finish(std::string(key_name)))
                : Result<SeriesSummary>(sums.error());
}

Result<std::vector<std::string>> SqliteSeries::keys() {
    std::vector<std::string> out;
    sqlite::Query rows = database_->query("SELECT key FROM series ORDER BY key");
    const Result<void> read = each_row_while_good(rows, [&]() -> Result<void> {
        out.emplace_back(rows.text(0));
        return {};
    });
    return read ? Result<std::vector<std::string>>(std::move(out))
                : Result<std::vector<std::string>>(read.error());
}

Result<std::vector<Measurement>> SqliteSeries::recorded(std::string_view name, UtcTime from, UtcTime to,
                                                        std::size_t limit) {
    std::vector<Measurement> out;
    sqlite::Query rows = database_->query(
        "SELECT at_ms, tags, fields FROM measurements WHERE name = ?1 AND at_ms >= ?2 AND at_ms < ?3 "
        "ORDER BY at_ms, tags LIMIT ?4");
    rows.bind(name)
        .bind(from.time_since_epoch().count())
        .bind(to.time_since_epoch().count())
        .bind(static_cast<std::int64_t>(std::min<std::size_t>(limit, 1'000'000)));
    const Result<void> read = each_row_while_good(rows, [&]() -> Result<void> {
        const Result<json::Value> tags = json::parse(rows.text(1));
        const Result<json::Value> fields = json::parse(rows.text(2));
        if (!tags || !fields) {
            return broken("a measurement holds no JSON");
        }
        Result<Measurement> one =
            measurement_of(std::string(name), UtcTime{milliseconds{rows.integer(0)}}, *tags, *fields);
        if (!one) {
            return broken(one.error().message);
        }
        out.push_back(std::move(*one));
        return {};
    });
    return read ? Result<std::vector<Measurement>>(std::move(out))
                : Result<std::vector<Measurement>>(read.error());
}

}  // namespace headroom::store
