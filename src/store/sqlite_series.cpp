#include "store/sqlite_series.hpp"

#include <algorithm>

namespace headroom::store {
namespace {

// A series of days that were written before version 2 is rolled up by and by: all of them start as stale.
constexpr std::array<sqlite::Migration, 2> series_migrations{{{1, R"sql(
CREATE TABLE series(key_id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, step_ms INTEGER NOT NULL) STRICT;
CREATE TABLE days(
    key_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    step_ms INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY(key_id, day, step_ms)) STRICT, WITHOUT ROWID;
CREATE INDEX days_by_day ON days(day);
)sql"},
                                                              {2, R"sql(
DROP INDEX days_by_day;
CREATE INDEX days_by_age ON days(step_ms, day);
CREATE TABLE tiles(
    step_ms INTEGER NOT NULL,
    block INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    columns INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY(step_ms, block, start_ms)) STRICT;
CREATE INDEX tiles_by_age ON tiles(start_ms);
CREATE TABLE rollups(
    key_id INTEGER NOT NULL,
    level_ms INTEGER NOT NULL,
    span INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY(key_id, level_ms, span)) STRICT, WITHOUT ROWID;
CREATE INDEX rollups_by_age ON rollups(level_ms, span);
CREATE TABLE stale_days(
    key_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY(key_id, day)) STRICT, WITHOUT ROWID;
INSERT INTO stale_days SELECT key_id, day FROM days WHERE step_ms < 86400000 GROUP BY key_id, day;
CREATE TABLE measurements(
    name TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    tags TEXT NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY(name, at_ms, tags)) STRICT, WITHOUT ROWID;
CREATE INDEX measurements_by_age ON measurements(at_ms);
)sql"}}};
constexpr sqlite::FileKind series_file{0x48445331, series_migrations};  // "HDS1"

}  // namespace

Error SqliteSeries::broken(const std::string& what) const {
    return {Errc::corrupt, database_->file().string() + ": " + what};
}

Result<void> SqliteSeries::flush() {
    // The checkpoint syncs the journal first, then the file; its first column says whether somebody was in
    // its way.
    const Result<std::int64_t> was_busy = database_->integer("PRAGMA wal_checkpoint(FULL)");
    if (!was_busy) {
        return was_busy.error();
    }
    if (*was_busy != 0) {
        return Error{Errc::unavailable,
                     database_->file().string() + ": in use by another process, its journal was not synced"};
    }
    return {};
}

Result<void> SqliteSeries::drop_before(UtcTime instant) {
    const std::int64_t ms = std::clamp<std::int64_t>(instant.time_since_epoch().count(), 0, series_last_ms);
    const std::int64_t day = ms / series_day_ms;
    Result<void> dropped = database_->transaction([&]() -> Result<void> {
        Result<void> done = database_->query("DELETE FROM days WHERE day < ?1").bind(day).run();
        if (done) {
            done = database_->query("DELETE FROM stale_days WHERE day < ?1").bind(day).run();
        }
        if (done) {
            done = database_->query("DELETE FROM tiles WHERE start_ms < ?1").bind(ms).run();
        }
        if (done) {
            done = database_->query("DELETE FROM measurements WHERE at_ms < ?1").bind(ms).run();
        }
        if (done && ms % series_day_ms != 0) {
            done = cut_day(day, ms % series_day_ms);
        }
        if (done) {
            done = cut_levels(ms);
        }
        return done ? forget_empty_keys() : done;
    });
    keys_.clear();
    keys_version_ = -1;
    return dropped;
}

/// Makes what lies before `ms_of_day` unknown in every series; a day that is then empty goes.
Result<void> SqliteSeries::cut_day(std::int64_t day, std::int64_t ms_of_day) {
    std::vector<Key> touched;
    {
        sqlite::Query rows = database_->query("SELECT key_id, step_ms FROM days WHERE day = ?1");
        rows.bind(day);
        while (true) {
            const Result<bool> row = rows.step();
            if (!row) {
                return row.error();
            }
            if (!*row) {
                break;
            }
            touched.push_back({rows.integer(0), rows.integer(1)});
        }
    }
    for (const Key& key : touched) {
        if (key.step_ms < series_step_ms_min || series_day_ms % key.step_ms != 0) {
            return broken("a day has a step of " + std::to_string(key.step_ms) + " ms");
        }
        Result<DayRow> row = day_row(key, day);
        if (!row) {
            return row.error();
        }
        row->clear(0, static_cast<std::size_t>((ms_of_day + key.step_ms - 1) / key.step_ms));
        sqlite::Query drop =
            database_->query("DELETE FROM days WHERE key_id = ?1 AND day = ?2 AND step_ms = ?3");
        Result<void> done =
            row->is_empty() ? drop.bind(key.id).bind(day).bind(key.step_ms).run() : put_day(key, day, *row);
        if (done) {
            done = mark_stale(key, day);
        }
        if (!done) {
            return done;
        }
    }
    return {};
}

/// A step of a level that begins before `ms` goes whole; upkeep brings back what is left of a day that is
/// there.
Result<void> SqliteSeries::cut_levels(std::int64_t ms) {
    for (const std::int64_t level : series_levels_ms) {
        const std::int64_t span_ms = level_row_days(level) * series_day_ms;
        Result<void> done = database_->query("DELETE FROM rollups WHERE level_ms = ?1 AND span < ?2")
                                .bind(level)
                                .bind(ms / span_ms)
                                .run();
        if (!done || ms % span_ms == 0) {
            if (!done) {
                return done;
            }
            continue;
        }
        std::vector<std::pair<std::int64_t, LevelRow>> rows;
        {
            sqlite::Query cut =
                database_->query("SELECT key_id, data FROM rollups WHERE level_ms = ?1 AND span = ?2");
            cut.bind(level).bind(ms / span_ms);
            while (true) {
                const Result<bool> row = cut.step();
                if (!row) {
                    return row.error();
                }
                if (!*row) {
                    break;
                }
                LevelRow values(static_cast<std::size_t>(span_ms / level));
                const std::string_view data = cut.blob(1);
                if (!values.assign({data.data(), data.size()})) {
                    return broken("a roll-up has " + std::to_string(data.size()) + " bytes");
                }
                for (std::int64_t at = 0; at * level < ms % span_ms; ++at) {
                    values.clear(static_cast<std::size_t>(at));
                }
                rows.emplace_back(cut.integer(0), std::move(values));
            }
        }
        for (const auto& [id, values] : rows) {
            sqlite::Query change =
                values.is_empty()
                    ? database_->query(
                          "DELETE FROM rollups WHERE key_id = ?1 AND level_ms = ?2 AND span = ?3")
                    : database_->query(
                          "UPDATE rollups SET data = ?4 WHERE key_id = ?1 AND level_ms = ?2 AND span = ?3");
            change.bind(id).bind(level).bind(ms / span_ms);
            if (!values.is_empty()) {
                change.bind_blob({values.bytes().data(), values.bytes().size()});
            }
            if (Result<void> changed = change.run(); !changed) {
                return changed;
            }
        }
    }
    return {};
}

Result<std::set<std::int64_t>> SqliteSeries::keys_in_tiles() {
    std::set<std::int64_t> found;
    sqlite::Query rows = database_->query("SELECT block, columns, data FROM tiles");
    while (true) {
        const Result<bool> row = rows.step();
        if (!row) {
            return row.error();
        }
        if (!*row) {
            return found;
        }
        for (std::int64_t slot = 0; slot < Tile::series; ++slot) {
            if (Tile::peek(rows.integer(1), rows.blob(2), static_cast<std::size_t>(slot))) {
                found.insert(rows.integer(0) * Tile::series + slot);
            }
        }
    }
}

Result<void> SqliteSeries::forget_empty_keys() {
    const Result<std::set<std::int64_t>> in_tiles = keys_in_tiles();
    if (!in_tiles) {
        return in_tiles.error();
    }
    std::vector<std::int64_t> empty;
    {
        sqlite::Query rows = database_->query(
            "SELECT key_id FROM series WHERE NOT EXISTS (SELECT 1 FROM days WHERE days.key_id = "
            "series.key_id) AND NOT EXISTS (SELECT 1 FROM rollups WHERE rollups.key_id = series.key_id)");
        while (true) {
            const Result<bool> row = rows.step();
            if (!row) {
                return row.error();
            }
            if (!*row) {
                break;
            }
            if (!in_tiles->contains(rows.integer(0))) {
                empty.push_back(rows.integer(0));
            }
        }
    }
    for (const std::int64_t id : empty) {
        Result<void> done = database_->query("DELETE FROM series WHERE key_id = ?1").bind(id).run();
        if (done) {
            done = database_->query("DELETE FROM stale_days WHERE key_id = ?1").bind(id).run();
        }
        if (!done) {
            return done;
        }
    }
    return {};
}

Result<std::unique_ptr<Series>> open_sqlite_series(const std::filesystem::path& file) {
    Result<std::unique_ptr<sqlite::Database>> database = sqlite::Database::open(file, series_file);
    if (!database) {
        return database.error();
    }
    return std::unique_ptr<Series>(std::make_unique<SqliteSeries>(std::move(*database)));
}

}  // namespace headroom::store
