#include "store/sqlite_series.hpp"

#include <algorithm>
#include <map>

namespace headroom::store {
namespace {

/// Longer blocks go into the rows of their days at once.
constexpr std::size_t pulse_values_max = 4;

std::int64_t ms_of(UtcTime instant) {
    return instant.time_since_epoch().count();
}

Tile::Slot slot_of(const SeriesBlock& block, std::size_t at) {
    return {block.values[at], block.min.empty() ? unknown_value : block.min[at],
            block.max.empty() ? unknown_value : block.max[at]};
}

}  // namespace

Result<void> SqliteSeries::write(const std::vector<SeriesBlock>& blocks) {
    if (Result<void> checked = check(blocks); !checked) {
        return checked;
    }
    Result<void> written = database_->transaction([&]() -> Result<void> {
        const Result<void> loaded = load_keys();
        return loaded ? write_all(blocks) : loaded;
    });
    if (!written) {
        // Keys that were added with the transaction are gone with it.
        keys_.clear();
        keys_version_ = -1;
    }
    return written;
}

/// What is written later in one call replaces what was written earlier, in whatever form.
Result<void> SqliteSeries::write_all(const std::vector<SeriesBlock>& blocks) {
    std::map<TilePlace, std::vector<Pulse>> tiles;
    const auto put_tiles = [&]() -> Result<void> {
        for (const auto& [place, pulses] : tiles) {
            if (Result<void> written = write_pulses(place, pulses); !written) {
                return written;
            }
        }
        tiles.clear();
        return {};
    };
    for (const SeriesBlock& block : blocks) {
        if (block.values.empty()) {
            continue;
        }
        const Result<Key> key = find_or_add(block);
        if (!key) {
            return key.error();
        }
        if (key->step_ms != block.step.count()) {
            return other_step(block.key, key->step_ms, block.step.count());
        }
        if (block.values.size() > pulse_values_max) {
            Result<void> written = put_tiles();
            if (written) {
                written = write_days(block, *key);
            }
            if (!written) {
                return written;
            }
            continue;
        }
        for (std::size_t i = 0; i < block.values.size(); ++i) {
            const std::int64_t start = ms_of(block.start) + static_cast<std::int64_t>(i) * key->step_ms;
            tiles[{key->step_ms, key->id / Tile::series, start}].push_back({key->id, slot_of(block, i)});
        }
    }
    return put_tiles();
}

/// All keys, once, and again when another handle has changed the file.
Result<void> SqliteSeries::load_keys() {
    const Result<std::int64_t> version = database_->integer("PRAGMA data_version");
    if (!version) {
        return version.error();
    }
    if (*version == keys_version_) {
        return {};
    }
    keys_.clear();
    sqlite::Query rows = database_->query("SELECT key_id, step_ms, key FROM series");
    while (true) {
        const Result<bool> row = rows.step();
        if (!row) {
            return row.error();
        }
        if (!*row) {
            break;
        }
        const Key key{rows.integer(0), rows.integer(1)};
        if (key.step_ms < series_step_ms_min || series_day_ms % key.step_ms != 0) {
            return broken(series_name(rows.text(2)) + " has a step of " + std::to_string(key.step_ms) +
                          " ms");
        }
        keys_.add(rows.text(2), key);
    }
    keys_version_ = *version;
    return {};
}

Result<SqliteSeries::Key> SqliteSeries::find_or_add(const SeriesBlock& block) {
    if (const std::optional<Key> key = keys_.find(block.key)) {
        return *key;
    }
    sqlite::Query add = database_->query("INSERT INTO series(key, step_ms) VALUES(?1, ?2) RETURNING key_id");
    const Result<bool> added = add.bind(block.key).bind(block.step.count()).step();
    if (!added) {
        return added.error();
    }
    HEADROOM_ASSERT(*added);
    const Key key{add.integer(0), block.step.count()};
    const Result<bool> ended = add.step();
    if (!ended) {
        return ended.error();
    }
    keys_.add(block.key, key);
    return key;
}

Result<void> SqliteSeries::write_days(const SeriesBlock& block, const Key& key) {
    const std::int64_t first = ms_of(block.start) / key.step_ms;
    const std::int64_t per_day = series_day_ms / key.step_ms;
    const auto count = static_cast<std::int64_t>(block.values.size());
    for (std::int64_t at = 0; at < count;) {
        const std::int64_t day = (first + at) / per_day;
        const std::int64_t offset = (first + at) % per_day;
        const std::int64_t length = std::min(per_day - offset, count - at);
        Result<DayRow> row = length == per_day ? Result<DayRow>(DayRow(key.step_ms)) : day_row(key, day);
        if (!row) {
            return row.error();
        }
        for (std::int64_t i = 0; i < length; ++i) {
            const Tile::Slot slot = slot_of(block, static_cast<std::size_t>(at + i));
            row->put(static_cast<std::size_t>(offset + i), slot.mean, slot.min, slot.max);
        }
        Result<void> put = put_day(key, day, *row);
        if (put) {
            put = mark_stale(key, day);
        }
        if (!put) {
            return put;
        }
        at += length;
    }
    return clear_tiles(key, first * key.step_ms, (first + count) * key.step_ms);
}

/// Older values in tiles would stand before the row's.
Result<void> SqliteSeries::clear_tiles(const Key& key, std::int64_t from_ms, std::int64_t to_ms) {
    std::vector<std::int64_t> starts;
    if (Result<void> found = each_slot(
            key, from_ms, to_ms, [&](std::int64_t start, const Tile::Slot&) { starts.push_back(start); });
        !found) {
        return found;
    }
    for (const std::int64_t start : starts) {
        const TilePlace place{key.step_ms, key.id / Tile::series, start};
        Result<Tile> tile = tile_at(place);
        if (!tile) {
            return tile.error();
        }
        tile->clear(static_cast<std::size_t>(key.id % Tile::series));
        if (Result<void> put = put_tile(place, *tile); !put) {
            return put;
        }
    }
    return {};
}

Result<void> SqliteSeries::put_day(const Key& key, std::int64_t day, const DayRow& row) {
    sqlite::Query put = database_->query(
        "INSERT INTO days(key_id, day, step_ms, data) VALUES(?1, ?2, ?3, ?4) "
        "ON CONFLICT DO UPDATE SET data = excluded.data");
    return put.bind(key.id).bind(day).bind(key.step_ms).bind_blob(row.bytes()).run();
}

Result<void> SqliteSeries::mark_stale(const Key& key, std::int64_t day) {
    if (levels_above(key.step_ms).empty()) {
        return {};
    }
    sqlite::Query mark =
        database_->query("INSERT INTO stale_days(key_id, day) VALUES(?1, ?2) ON CONFLICT DO NOTHING");
    return mark.bind(key.id).bind(day).run();
}

Result<Tile> SqliteSeries::tile_at(const TilePlace& place) {
    sqlite::Query row = database_->query(
        "SELECT columns, data FROM tiles WHERE step_ms = ?1 AND block = ?2 AND start_ms = ?3");
    const Result<bool> found = row.bind(place.step_ms).bind(place.block).bind(place.start_ms).step();
    if (!found) {
        return found.error();
    }
    Tile tile;
    if (*found && !tile.assign(row.integer(0), row.blob(1))) {
        return broken("a tile has " + std::to_string(row.blob(1).size()) + " bytes");
    }
    return tile;
}

Result<void> SqliteSeries::put_tile(const TilePlace& place, const Tile& tile) {
    sqlite::Query put = database_->query(
        "INSERT INTO tiles(step_ms, block, start_ms, columns, data) VALUES(?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT DO UPDATE SET columns = excluded.columns, data = excluded.data");
    return put.bind(place.step_ms)
        .bind(place.block)
        .bind(place.start_ms)
        .bind(tile.columns())
        .bind_blob(tile.bytes())
        .run();
}

Result<void> SqliteSeries::write_pulses(const TilePlace& place, std::span<const Pulse> pulses) {
    Result<Tile> tile = tile_at(place);
    if (!tile) {
        return tile.error();
    }
    for (const Pulse& pulse : pulses) {
        tile->put(static_cast<std::size_t>(pulse.id % Tile::series), pulse.slot);
    }
    return put_tile(place, *tile);
}

Result<void> SqliteSeries::record(const std::vector<Measurement>& measurements) {
    std::vector<Measurement> checked = measurements;
    for (Measurement& measurement : checked) {
        if (Result<void> fits = check(measurement); !fits) {
            return fits;
        }
    }
    return database_->transaction([&]() -> Result<void> {
        sqlite::Query put = database_->query(
            "INSERT INTO measurements(name, at_ms, tags, fields) VALUES(?1, ?2, ?3, ?4) "
            "ON CONFLICT DO UPDATE SET fields = excluded.fields");
        for (const Measurement& measurement : checked) {
            const std::string tags = json::write(tags_to_json(measurement));
            const std::string fields = json::write(fields_to_json(measurement));
            Result<void> done = put.bind(measurement.name)
                                    .bind(ms_of(measurement.at))
                                    .bind(std::string_view(tags))
                                    .bind(std::string_view(fields))
                                    .run();
            if (!done) {
                return done;
            }
        }
        return {};
    });
}

}  // namespace headroom::store
