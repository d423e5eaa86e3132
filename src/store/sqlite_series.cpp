#include "store/series.hpp"
#include "store/sqlite.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace headroom::store {
namespace {

// A row's blob holds the day's values as 32-bit floats, little-endian.
static_assert(std::endian::native == std::endian::little && sizeof(float) == 4);

constexpr std::array<sqlite::Migration, 1> migrations{{{1, R"sql(
CREATE TABLE series(key_id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, step_ms INTEGER NOT NULL) STRICT;
CREATE TABLE days(
    key_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    step_ms INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY(key_id, day, step_ms)) STRICT, WITHOUT ROWID;
CREATE INDEX days_by_day ON days(day);
)sql"}}};
constexpr sqlite::FileKind series_file{0x48445331, migrations};  // "HDS1"

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t step_ms_min = 1'000;
constexpr std::size_t key_bytes_max = 256;
constexpr std::int64_t values_read_max = 20'000'000;
constexpr std::int64_t last_ms = 7'258'118'400'000;  // the year 2200, where our time ends

struct Key {
    std::int64_t id = 0;
    std::int64_t step_ms = 0;
};

std::string_view as_bytes(const std::vector<float>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

Result<void> check(const SeriesBlock& block) {
    const std::int64_t step = block.step.count();
    const std::int64_t start = block.start.time_since_epoch().count();
    const std::string name = "series '" + block.key.substr(0, key_bytes_max) + "'";
    if (block.key.empty() || block.key.size() > key_bytes_max) {
        return Error{Errc::invalid, name + ": a key has 1 to " + std::to_string(key_bytes_max) + " bytes"};
    }
    if (step < step_ms_min || day_ms % step != 0) {
        return Error{Errc::invalid, name + ": a step of " + std::to_string(step) +
                                        " ms is shorter than a second or does not divide a day"};
    }
    if (start < 0 || start > last_ms || start % step != 0) {
        return Error{Errc::invalid,
                     name + ": the start " + format_utc(block.start) + " is not on the grid of the step"};
    }
    for (std::size_t i = 0; i < block.values.size(); ++i) {
        if (std::isinf(block.values[i])) {
            return Error{Errc::invalid,
                         name + ": the value at " +
                             format_utc(block.start + static_cast<std::int64_t>(i) * block.step) +
                             " is infinite"};
        }
    }
    return {};
}

class SqliteSeries final : public Series {
  public:
    explicit SqliteSeries(std::unique_ptr<sqlite::Database> database) : database_(std::move(database)) {}

    Result<void> write(const std::vector<SeriesBlock>& blocks) override {
        for (const SeriesBlock& block : blocks) {
            if (Result<void> checked = check(block); !checked) {
                return checked;
            }
        }
        return database_->transaction([&]() -> Result<void> {
            for (const SeriesBlock& block : blocks) {
                if (Result<void> written = write_block(block); !written) {
                    return written;
                }
            }
            return {};
        });
    }

    Result<SeriesBlock> read(std::string_view key_name, UtcTime from, UtcTime to) override {
        const Result<Key> key = find(key_name);
        if (!key) {
            return key.error();
        }
        const milliseconds step{key->step_ms};
        SeriesBlock block{std::string(key_name), ceil_to(from, key->step_ms), step, {}};
        const UtcTime end_of_time{milliseconds{last_ms}};
        const UtcTime until = std::min(to, end_of_time);
        const std::int64_t count =
            until <= block.start ? 0 : (until - block.start - milliseconds{1}) / step + 1;
        if (count > values_read_max) {
            return Error{Errc::invalid, "series '" + block.key + "': " + std::to_string(count) +
                                            " values are more than the " + std::to_string(values_read_max) +
                                            " that are read at once"};
        }
        block.values.assign(static_cast<std::size_t>(count), std::numeric_limits<float>::quiet_NaN());
        if (count == 0) {
            return block;
        }
        const std::int64_t first =
            block.start.time_since_epoch().count() / key->step_ms;  // of all steps since 1970
        const std::int64_t per_day = day_ms / key->step_ms;
        sqlite::Query rows = database_->query(
            "SELECT day, data FROM days WHERE key_id = ?1 AND step_ms = ?2 AND day >= ?3 AND day <= ?4");
        rows.bind(key->id).bind(key->step_ms).bind(first / per_day).bind((first + count - 1) / per_day);
        while (true) {
            const Result<bool> row = rows.step();
            if (!row) {
                return row.error();
            }
            if (!*row) {
                return block;
            }
            const Result<std::vector<float>> day = unpack(rows.blob(1), *key, key_name, rows.integer(0));
            if (!day) {
                return day.error();
            }
            const std::int64_t day_first = rows.integer(0) * per_day;
            const std::int64_t begin = std::max(first, day_first);
            const std::int64_t end = std::min(first + count, day_first + per_day);
            std::copy(day->begin() + (begin - day_first), day->begin() + (end - day_first),
                      block.values.begin() + (begin - first));
        }
    }

    Result<std::vector<std::string>> keys() override {
        std::vector<std::string> out;
        sqlite::Query rows = database_->query("SELECT key FROM series ORDER BY key");
        while (true) {
            const Result<bool> row = rows.step();
            if (!row) {
                return row.error();
            }
            if (!*row) {
                return out;
            }
            out.emplace_back(rows.text(0));
        }
    }

    Result<void> drop_before(UtcTime instant) override {
        const std::int64_t ms = std::max<std::int64_t>(instant.time_since_epoch().count(), 0);
        const std::int64_t day = ms / day_ms;
        return database_->transaction([&]() -> Result<void> {
            sqlite::Query drop_days = database_->query("DELETE FROM days WHERE day < ?1");
            if (Result<void> dropped = drop_days.bind(day).run(); !dropped) {
                return dropped;
            }
            if (ms % day_ms != 0) {
                if (Result<void> cut = cut_day(day, ms % day_ms); !cut) {
                    return cut;
                }
            }
            return database_
                ->query(
                    "DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM days WHERE days.key_id = "
                    "series.key_id)")
                .run();
        });
    }

  private:
    static UtcTime ceil_to(UtcTime instant, std::int64_t step_ms) {
        const std::int64_t ms = std::clamp<std::int64_t>(instant.time_since_epoch().count(), 0, last_ms);
        const std::int64_t whole = ms / step_ms + (ms % step_ms == 0 ? 0 : 1);
        return UtcTime{milliseconds{whole * step_ms}};
    }

    Result<std::vector<float>> unpack(std::string_view data, const Key& key, std::string_view name,
                                      std::int64_t day) const {
        std::vector<float> values(static_cast<std::size_t>(day_ms / key.step_ms));
        if (data.size() != values.size() * sizeof(float)) {
            return Error{Errc::corrupt, database_->file().string() + ": day " + std::to_string(day) +
                                            " of series '" + std::string(name) + "' has " +
                                            std::to_string(data.size()) + " bytes instead of " +
                                            std::to_string(values.size() * sizeof(float))};
        }
        std::memcpy(values.data(), data.data(), data.size());
        return values;
    }

    Result<Key> find(std::string_view name) {
        sqlite::Query row = database_->query("SELECT key_id, step_ms FROM series WHERE key = ?1");
        const Result<bool> found = row.bind(name).step();
        if (!found) {
            return found.error();
        }
        if (!*found) {
            return Error{Errc::not_found,
                         "there is no series '" + std::string(name.substr(0, key_bytes_max)) + "'"};
        }
        const Key key{row.integer(0), row.integer(1)};
        if (key.step_ms < step_ms_min || day_ms % key.step_ms != 0) {
            return Error{Errc::corrupt, database_->file().string() + ": series '" + std::string(name) +
                                            "' has a step of " + std::to_string(key.step_ms) + " ms"};
        }
        return key;
    }

    Result<Key> find_or_add(const SeriesBlock& block) {
        Result<Key> key = find(block.key);
        if (key || key.error().code != Errc::not_found) {
            return key;
        }
        sqlite::Query add = database_->query("INSERT INTO series(key, step_ms) VALUES(?1, ?2)");
        if (const Result<void> added = add.bind(block.key).bind(block.step.count()).run(); !added) {
            return added.error();
        }
        return find(block.key);
    }

    Result<void> write_block(const SeriesBlock& block) {
        if (block.values.empty()) {
            return {};
        }
        const Result<Key> key = find_or_add(block);
        if (!key) {
            return key.error();
        }
        if (key->step_ms != block.step.count()) {
            return Error{Errc::invalid, "series '" + block.key + "' is kept on a step of " +
                                            std::to_string(key->step_ms) + " ms, the block has one of " +
                                            std::to_string(block.step.count()) + " ms"};
        }
        const std::int64_t first = block.start.time_since_epoch().count() / key->step_ms;
        const std::int64_t per_day = day_ms / key->step_ms;
        const auto count = static_cast<std::int64_t>(block.values.size());
        for (std::int64_t at = 0; at < count;) {
            const std::int64_t day = (first + at) / per_day;
            const std::int64_t offset = (first + at) % per_day;
            const std::int64_t length = std::min(per_day - offset, count - at);
            Result<std::vector<float>> values = day_values(*key, block.key, day);
            if (!values) {
                return values.error();
            }
            std::copy_n(block.values.begin() + at, length, values->begin() + offset);
            if (Result<void> put = put_day(*key, day, *values); !put) {
                return put;
            }
            at += length;
        }
        return {};
    }

    /// The day as it stands, all unknown when it is new.
    Result<std::vector<float>> day_values(const Key& key, std::string_view name, std::int64_t day) {
        sqlite::Query row =
            database_->query("SELECT data FROM days WHERE key_id = ?1 AND day = ?2 AND step_ms = ?3");
        const Result<bool> found = row.bind(key.id).bind(day).bind(key.step_ms).step();
        if (!found) {
            return found.error();
        }
        if (!*found) {
            return std::vector<float>(static_cast<std::size_t>(day_ms / key.step_ms),
                                      std::numeric_limits<float>::quiet_NaN());
        }
        return unpack(row.blob(0), key, name, day);
    }

    Result<void> put_day(const Key& key, std::int64_t day, const std::vector<float>& values) {
        sqlite::Query put = database_->query(
            "INSERT INTO days(key_id, day, step_ms, data) VALUES(?1, ?2, ?3, ?4) "
            "ON CONFLICT DO UPDATE SET data = excluded.data");
        return put.bind(key.id).bind(day).bind(key.step_ms).bind_blob(as_bytes(values)).run();
    }

    /// Makes what lies before `ms_of_day` unknown in every series; a day that is then empty goes.
    Result<void> cut_day(std::int64_t day, std::int64_t ms_of_day) {
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
            if (key.step_ms < step_ms_min || day_ms % key.step_ms != 0) {
                return Error{Errc::corrupt, database_->file().string() + ": a day has a step of " +
                                                std::to_string(key.step_ms) + " ms"};
            }
            Result<std::vector<float>> values = day_values(key, std::to_string(key.id), day);
            if (!values) {
                return values.error();
            }
            const std::int64_t older = (ms_of_day + key.step_ms - 1) / key.step_ms;
            std::fill_n(values->begin(), older, std::numeric_limits<float>::quiet_NaN());
            const bool is_empty =
                std::all_of(values->begin(), values->end(), [](float value) { return std::isnan(value); });
            sqlite::Query drop =
                database_->query("DELETE FROM days WHERE key_id = ?1 AND day = ?2 AND step_ms = ?3");
            Result<void> done =
                is_empty ? drop.bind(key.id).bind(day).bind(key.step_ms).run() : put_day(key, day, *values);
            if (!done) {
                return done;
            }
        }
        return {};
    }

    std::unique_ptr<sqlite::Database> database_;
};

}  // namespace

Result<std::unique_ptr<Series>> open_sqlite_series(const std::filesystem::path& file) {
    Result<std::unique_ptr<sqlite::Database>> database = sqlite::Database::open(file, series_file);
    if (!database) {
        return database.error();
    }
    return std::unique_ptr<Series>(std::make_unique<SqliteSeries>(std::move(*database)));
}

}  // namespace headroom::store
