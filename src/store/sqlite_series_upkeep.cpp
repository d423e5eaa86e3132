#include "store/sqlite_series.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>

namespace headroom::store {
namespace {

/// A day is packed so long after its end: until then its values still come, late and corrected.
constexpr std::int64_t pack_after_ms = 3 * 3'600'000;
/// Rows of one step of upkeep: some tens of milliseconds.
constexpr std::int64_t rows_at_once = 500;

template <class OnRow>
Result<void> for_each_row(sqlite::Query& rows, OnRow on_row) {
    while (true) {
        const Result<bool> row = rows.step();
        if (!row) {
            return row.error();
        }
        if (!*row) {
            return {};
        }
        on_row();
    }
}

}  // namespace

/// Rows of levels while neighbouring days go into them: each is read and written once. Answers the first
/// fault from then on.
class SqliteSeries::RollUps {
  public:
    explicit RollUps(SqliteSeries& series) : series_(series) {}

    /// The day as it is now, on all levels above it.
    Result<void> add(const Key& key, std::int64_t day, const DayRow& values) {
        for (const std::int64_t level : levels_above(key.step_ms)) {
            const std::int64_t row_days = level_row_days(level);
            Result<LevelRow*> row = row_of(key.id, level, day / row_days);
            if (!row) {
                return row.error();
            }
            const std::vector<StepSum> sums =
                roll_up(values.columns(), day * series_day_ms, key.step_ms, level);
            const std::size_t first = static_cast<std::size_t>(day % row_days) * sums.size();
            for (std::size_t i = 0; i < sums.size(); ++i) {
                (*row)->put(first + i, sums[i]);
            }
        }
        return {};
    }
    Result<void> finish() {
        for (auto& [place, row] : rows_) {
            if (Result<void> put = put_row(place, row); !put) {
                return put;
            }
        }
        rows_.clear();
        return {};
    }

  private:
    using Place = std::tuple<std::int64_t, std::int64_t, std::int64_t>;  // series, level, span

    /// Only the rows of one series are held.
    Result<LevelRow*> row_of(std::int64_t id, std::int64_t level, std::int64_t span) {
        if (!rows_.empty() && std::get<0>(rows_.begin()->first) != id) {
            if (Result<void> put = finish(); !put) {
                return put.error();
            }
        }
        const Place place{id, level, span};
        if (const auto found = rows_.find(place); found != rows_.end()) {
            return &found->second;
        }
        LevelRow row(static_cast<std::size_t>(level_row_days(level) * (series_day_ms / level)));
        sqlite::Query stored = series_.database_->query(
            "SELECT data FROM rollups WHERE key_id = ?1 AND level_ms = ?2 AND span = ?3");
        const Result<bool> is_there = stored.bind(id).bind(level).bind(span).step();
        if (!is_there) {
            return is_there.error();
        }
        if (*is_there) {
            const std::string_view data = stored.blob(0);
            if (!row.assign({data.data(), data.size()})) {
                return series_.broken("a roll-up of series " + std::to_string(id) + " has " +
                                      std::to_string(data.size()) + " bytes");
            }
        }
        return &rows_.emplace(place, std::move(row)).first->second;
    }

    Result<void> put_row(const Place& place, const LevelRow& row) {
        const auto& [id, level, span] = place;
        if (row.is_empty()) {
            return series_.database_
                ->query("DELETE FROM rollups WHERE key_id = ?1 AND level_ms = ?2 AND span = ?3")
                .bind(id)
                .bind(level)
                .bind(span)
                .run();
        }
        return series_.database_
            ->query(
                "INSERT INTO rollups(key_id, level_ms, span, data) VALUES(?1, ?2, ?3, ?4) "
                "ON CONFLICT DO UPDATE SET data = excluded.data")
            .bind(id)
            .bind(level)
            .bind(span)
            .bind_blob({row.bytes().data(), row.bytes().size()})
            .run();
    }

    SqliteSeries& series_;
    std::map<Place, LevelRow> rows_;
};

Result<bool> SqliteSeries::upkeep(UtcTime now, const SeriesRetention& retention) {
    const std::int64_t now_ms = std::clamp<std::int64_t>(now.time_since_epoch().count(), 0, series_last_ms);
    const std::int64_t whole_day_ms =
        std::max<std::int64_t>(now_ms - pack_after_ms, 0) / series_day_ms * series_day_ms;
    Result<bool> more = pack_day(whole_day_ms);
    if (more && !*more) {
        more = roll_up_stale();
    }
    if (more && !*more) {
        more = drop_expired(now, retention);
    }
    return more;
}

/// One block of series and one day, of those that ended before an instant.
Result<bool> SqliteSeries::pack_day(std::int64_t before_ms) {
    std::int64_t step_ms = 0;
    std::int64_t block = 0;
    std::int64_t day = 0;
    {
        sqlite::Query oldest = database_->query(
            "SELECT step_ms, block, start_ms FROM tiles WHERE start_ms < ?1 ORDER BY start_ms LIMIT 1");
        const Result<bool> found = oldest.bind(before_ms).step();
        if (!found || !*found) {
            return found;
        }
        step_ms = oldest.integer(0);
        block = oldest.integer(1);
        day = oldest.integer(2) / series_day_ms;
    }
    if (step_ms < series_step_ms_min || series_day_ms % step_ms != 0) {
        return broken("a tile has a step of " + std::to_string(step_ms) + " ms");
    }
    const Result<void> packed = database_->transaction([&] { return pack(step_ms, block, day); });
    return packed ? Result<bool>(true) : Result<bool>(packed.error());
}

Result<void> SqliteSeries::pack(std::int64_t step_ms, std::int64_t block, std::int64_t day) {
    const std::int64_t day_ms = day * series_day_ms;
    std::vector<std::pair<std::int64_t, Tile>> tiles;
    {
        sqlite::Query rows = database_->query(
            "SELECT start_ms, columns, data FROM tiles WHERE step_ms = ?1 AND block = ?2 AND start_ms >= ?3 "
            "AND start_ms < ?4");
        rows.bind(step_ms).bind(block).bind(day_ms).bind(day_ms + series_day_ms);
        bool is_whole = true;
        const Result<void> read = for_each_row(rows, [&] {
            is_whole =
                tiles.emplace_back(rows.integer(0), Tile{}).second.assign(rows.integer(1), rows.blob(2)) &&
                is_whole;
        });
        if (!read || !is_whole) {
            return read ? broken("a tile of day " + std::to_string(day) + " has a size that fits no columns")
                        : read.error();
        }
    }
    RollUps levels(*this);
    for (std::int64_t slot = 0; slot < Tile::series; ++slot) {
        const Key key{block * Tile::series + slot, step_ms};
        std::optional<DayRow> row;
        for (const auto& [start, tile] : tiles) {
            const std::optional<Tile::Slot> value = tile.get(static_cast<std::size_t>(slot));
            if (!value) {
                continue;
            }
            if (!row) {
                Result<DayRow> stored = day_row(key, day);
                if (!stored) {
                    return stored.error();
                }
                row = std::move(*stored);
            }
            row->put(static_cast<std::size_t>((start - day_ms) / step_ms), value->mean, value->min,
                     value->max);
        }
        if (!row) {
            continue;
        }
        Result<void> put = put_day(key, day, *row);
        if (put) {
            put = levels.add(key, day, *row);
        }
        if (!put) {
            return put;
        }
    }
    if (Result<void> finished = levels.finish(); !finished) {
        return finished;
    }
    sqlite::Query drop = database_->query(
        "DELETE FROM tiles WHERE step_ms = ?1 AND block = ?2 AND start_ms >= ?3 AND start_ms < ?4");
    return drop.bind(step_ms).bind(block).bind(day_ms).bind(day_ms + series_day_ms).run();
}

/// Days that were written whole, or before there were levels.
Result<bool> SqliteSeries::roll_up_stale() {
    struct Stale {
        Key key;
        std::int64_t day;
    };
    std::vector<Stale> stale;
    sqlite::Query rows = database_->query(
        "SELECT stale_days.key_id, series.step_ms, day FROM stale_days LEFT JOIN series USING(key_id) "
        "ORDER BY stale_days.key_id, day LIMIT ?1");
    rows.bind(rows_at_once);
    const Result<void> read = for_each_row(rows, [&] {
        stale.push_back({{rows.integer(0), rows.integer(1)}, rows.integer(2)});
    });
    if (!read || stale.empty()) {
        return read ? Result<bool>(false) : Result<bool>(read.error());
    }
    const Result<void> done = database_->transaction([&]() -> Result<void> {
        RollUps levels(*this);
        sqlite::Query unmark = database_->query("DELETE FROM stale_days WHERE key_id = ?1 AND day = ?2");
        for (const Stale& one : stale) {
            // A key that is gone has no step any more.
            if (one.key.step_ms >= series_step_ms_min && series_day_ms % one.key.step_ms == 0) {
                const Result<DayRow> row = day_row(one.key, one.day);
                const Result<void> added =
                    row ? levels.add(one.key, one.day, *row) : Result<void>(row.error());
                if (!added) {
                    return added;
                }
            }
            if (Result<void> unmarked = unmark.bind(one.key.id).bind(one.day).run(); !unmarked) {
                return unmarked;
            }
        }
        return levels.finish();
    });
    return done ? Result<bool>(true) : Result<bool>(done.error());
}

namespace {

/// The setting for a step, or for a level.
std::chrono::days kept_for(std::int64_t step_ms, const SeriesRetention& retention) {
    return step_ms < 60'000          ? retention.raw
           : step_ms < 1'800'000     ? retention.minute
           : step_ms < series_day_ms ? retention.half_hour
                                     : retention.day;
}

}  // namespace

Result<std::int64_t> SqliteSeries::next_step(std::int64_t after_ms) {
    sqlite::Query next = database_->query("SELECT ifnull(min(step_ms), 0) FROM days WHERE step_ms > ?1");
    const Result<bool> row = next.bind(after_ms).step();
    return row ? Result<std::int64_t>(next.integer(0)) : Result<std::int64_t>(row.error());
}

/// Whether anything was dropped.
Result<bool> SqliteSeries::drop_rows(const char* sql, std::int64_t of, std::int64_t before) {
    sqlite::Query drop = database_->query(sql);
    if (const Result<void> dropped = drop.bind(of).bind(before).bind(rows_at_once).run(); !dropped) {
        return dropped.error();
    }
    const Result<std::int64_t> count = database_->integer("SELECT changes()");
    return count ? Result<bool>(*count > 0) : Result<bool>(count.error());
}

Result<bool> SqliteSeries::drop_expired(UtcTime now, const SeriesRetention& retention) {
    const std::int64_t today = now.time_since_epoch().count() / series_day_ms;
    Result<std::int64_t> step = next_step(0);
    for (; step && *step > 0; step = next_step(*step)) {
        const Result<bool> dropped = drop_rows(
            "DELETE FROM days WHERE (key_id, day, step_ms) IN (SELECT key_id, day, step_ms FROM days "
            "WHERE step_ms = ?1 AND day < ?2 LIMIT ?3)",
            *step, today - kept_for(*step, retention).count());
        if (!dropped || *dropped) {
            return dropped;
        }
    }
    if (!step) {
        return step.error();
    }
    for (const std::int64_t level : series_levels_ms) {
        const Result<bool> dropped = drop_rows(
            "DELETE FROM rollups WHERE (key_id, level_ms, span) IN (SELECT key_id, level_ms, span FROM "
            "rollups WHERE level_ms = ?1 AND span < ?2 LIMIT ?3)",
            level,
            std::max<std::int64_t>(today - kept_for(level, retention).count(), 0) / level_row_days(level));
        if (!dropped || *dropped) {
            return dropped;
        }
    }
    return drop_rows(
        "DELETE FROM measurements WHERE (name, at_ms, tags) IN (SELECT name, at_ms, tags FROM measurements "
        "WHERE at_ms >= ?1 AND at_ms < ?2 LIMIT ?3)",
        0, std::max<std::int64_t>(today - retention.measurements.count(), 0) * series_day_ms);
}

}  // namespace headroom::store
