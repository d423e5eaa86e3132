#include "store/records.hpp"
#include "store/sqlite.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <tuple>

namespace headroom::store {
namespace {

constexpr std::array<sqlite::Migration, 1> record_migrations{{{1, R"sql(
CREATE TABLE records(
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    corr TEXT NOT NULL,
    state TEXT NOT NULL,
    json TEXT NOT NULL,
    applied_seq INTEGER NOT NULL,
    PRIMARY KEY(kind, id)) STRICT;
CREATE INDEX records_by_state ON records(kind, state, id);
CREATE INDEX records_by_corr ON records(corr, kind, id);
CREATE TABLE projection(one INTEGER PRIMARY KEY CHECK(one = 1), applied_seq INTEGER NOT NULL) STRICT;
INSERT INTO projection VALUES(1, 0);
CREATE TABLE reservations(
    der TEXT NOT NULL,
    turn_up INTEGER NOT NULL,
    period_ms INTEGER NOT NULL,
    contract TEXT NOT NULL,
    power_w INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    lease_until_ms INTEGER NOT NULL,
    PRIMARY KEY(der, turn_up, period_ms, contract)) STRICT, WITHOUT ROWID;
CREATE INDEX reservations_by_contract ON reservations(contract);
CREATE INDEX reservations_by_lease ON reservations(lease_until_ms);
CREATE TABLE numbers(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)sql"}}};
constexpr sqlite::FileKind records_file{0x48445231, record_migrations};  // "HDR1"

/// Reservations are kept this long behind their lease, for whoever's clock is behind.
constexpr milliseconds kept_after_lease = hours{24};

std::int64_t to_ms(UtcTime time) {
    return time.time_since_epoch().count();
}
UtcTime from_ms(std::int64_t ms) {
    return UtcTime{milliseconds{ms}};
}
bool fits(std::uint64_t number) {
    return number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}
std::string in_kw(std::int64_t watts) {
    std::string digits = std::to_string(watts % 1000);
    digits.insert(0, 3 - digits.size(), '0');
    return std::to_string(watts / 1000) + "." + digits + " kW";
}
std::string direction_word(bool turn_up) {
    return turn_up ? "turn-up" : "turn-down";
}

Record record_of(const sqlite::Query& row) {
    Record record;
    record.kind = row.text(0);
    record.id = row.text(1);
    record.corr = row.text(2);
    record.state = row.text(3);
    record.json = row.text(4);
    record.applied_seq = static_cast<std::uint64_t>(row.integer(5));
    return record;
}

Result<std::vector<Record>> records_of(sqlite::Query& rows) {
    std::vector<Record> records;
    while (true) {
        const Result<bool> row = rows.step();
        if (!row) {
            return row.error();
        }
        if (!*row) {
            return records;
        }
        records.push_back(record_of(rows));
    }
}

Result<void> check(const Batch& batch) {
    for (const Record& record : batch.puts) {
        if (record.kind.empty() || record.id.empty()) {
            return Error{Errc::invalid, "a record needs a kind and an id, these are '" + record.kind +
                                            "' and '" + record.id + "'"};
        }
        if (!fits(record.applied_seq)) {
            return Error{Errc::invalid,
                         "record " + record.kind + " " + record.id + ": applied_seq is too large"};
        }
    }
    if (batch.applied_seq && !fits(*batch.applied_seq)) {
        return Error{Errc::invalid, "the projection's applied_seq is too large"};
    }
    return {};
}

Result<void> check(const std::vector<Reservation>& wanted, const std::vector<Watts>& offered, UtcTime now) {
    if (wanted.size() != offered.size()) {
        return Error{Errc::invalid, std::to_string(wanted.size()) + " reservations came with " +
                                        std::to_string(offered.size()) + " offered powers"};
    }
    for (const Reservation& each : wanted) {
        const std::string name = "the reservation of DER '" + each.der + "' for contract '" + each.contract +
                                 "' at " + format_utc(each.period);
        if (each.der.empty() || each.contract.empty()) {
            return Error{Errc::invalid, name + " needs both names"};
        }
        if (each.power <= Watts{0}) {
            return Error{Errc::invalid,
                         name + " is for " + std::to_string(each.power.value) + " W, not above 0"};
        }
        if (floor_period(each.period) != each.period) {
            return Error{Errc::invalid, name + " does not begin on a half-hour"};
        }
        if (each.lease_until <= now) {
            return Error{Errc::invalid, name + " has a lease that ended at " + format_utc(each.lease_until)};
        }
        if (!fits(each.fence)) {
            return Error{Errc::invalid, name + " has a fence that is too large"};
        }
    }
    return {};
}

/// A DER, a direction, a half-hour and a contract: one row of the table.
using ReservationKey = std::tuple<std::string_view, bool, UtcTime, std::string_view>;
ReservationKey key_of(const Reservation& reservation) {
    return {reservation.der, reservation.turn_up, reservation.period, reservation.contract};
}

class SqliteRecords final : public Records {
  public:
    explicit SqliteRecords(std::unique_ptr<sqlite::Database> database) : database_(std::move(database)) {}

    Result<void> write(const Batch& batch) override {
        if (Result<void> checked = check(batch); !checked) {
            return checked;
        }
        return database_->transaction([&] { return apply(batch); });
    }

    Result<Record> get(std::string_view kind, std::string_view id) override {
        sqlite::Query row = database_->query(
            "SELECT kind, id, corr, state, json, applied_seq FROM records WHERE kind = ?1 AND id = ?2");
        const Result<bool> found = row.bind(kind).bind(id).step();
        if (!found) {
            return found.error();
        }
        if (!*found) {
            return Error{Errc::not_found, "there is no " + std::string(kind) + " " + std::string(id)};
        }
        return record_of(row);
    }

    Result<std::vector<Record>> list(std::string_view kind, std::string_view after,
                                     std::size_t limit) override {
        constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
        sqlite::Query rows = database_->query(
            "SELECT kind, id, corr, state, json, applied_seq FROM records WHERE kind = ?1 AND id > ?2 "
            "ORDER BY id LIMIT ?3");
        rows.bind(kind).bind(after).bind(static_cast<std::int64_t>(std::min<std::uint64_t>(limit, most)));
        return records_of(rows);
    }

    Result<std::vector<Record>> list_by_state(std::string_view kind, std::string_view state) override {
        sqlite::Query rows = database_->query(
            "SELECT kind, id, corr, state, json, applied_seq FROM records WHERE kind = ?1 AND state = ?2 "
            "ORDER BY id");
        rows.bind(kind).bind(state);
        return records_of(rows);
    }

    Result<std::vector<Record>> list_by_corr(std::string_view corr) override {
        sqlite::Query rows = database_->query(
            "SELECT kind, id, corr, state, json, applied_seq FROM records WHERE corr = ?1 ORDER BY kind, id");
        rows.bind(corr);
        return records_of(rows);
    }

    Result<std::uint64_t> applied_seq() override {
        const Result<std::int64_t> seq = database_->integer("SELECT applied_seq FROM projection");
        if (!seq) {
            return seq.error();
        }
        return static_cast<std::uint64_t>(*seq);
    }

    Result<void> reserve(const std::vector<Reservation>& wanted, const std::vector<Watts>& offered,
                         UtcTime now) override {
        if (Result<void> checked = check(wanted, offered, now); !checked) {
            return checked;
        }
        return database_->transaction([&]() -> Result<void> {
            sqlite::Query prune = database_->query("DELETE FROM reservations WHERE lease_until_ms <= ?1");
            if (Result<void> pruned = prune.bind(to_ms(now - kept_after_lease)).run(); !pruned) {
                return pruned;
            }
            // Several lines of one contract for the same DER and half-hour add up.
            std::map<ReservationKey, std::int64_t> asked_w;
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                std::int64_t& asked = asked_w[key_of(wanted[i])];
                if (Result<void> reserved = reserve_one(wanted[i], asked, offered[i], now); !reserved) {
                    return reserved;
                }
                asked += wanted[i].power.value;
            }
            return {};
        });
    }

    Result<void> release(std::string_view contract) override {
        return database_->transaction([&] {
            sqlite::Query remove = database_->query("DELETE FROM reservations WHERE contract = ?1");
            return remove.bind(contract).run();
        });
    }

    Result<std::vector<Reservation>> reservations(std::string_view der, UtcTime now) override {
        sqlite::Query rows = database_->query(
            "SELECT der, turn_up, period_ms, power_w, contract, fence, lease_until_ms FROM reservations "
            "WHERE der = ?1 AND lease_until_ms > ?2 ORDER BY period_ms, turn_up, contract");
        rows.bind(der).bind(to_ms(now));
        std::vector<Reservation> out;
        while (true) {
            const Result<bool> row = rows.step();
            if (!row) {
                return row.error();
            }
            if (!*row) {
                return out;
            }
            out.push_back({.der = std::string(rows.text(0)),
                           .turn_up = rows.integer(1) != 0,
                           .period = from_ms(rows.integer(2)),
                           .power = Watts{rows.integer(3)},
                           .contract = std::string(rows.text(4)),
                           .fence = static_cast<std::uint64_t>(rows.integer(5)),
                           .lease_until = from_ms(rows.integer(6))});
        }
    }

    Result<std::uint64_t> next_number(std::string_view name) override {
        // Power-durable, unlike the rest: a fence that a power cut takes back would be given out twice.
        if (Result<void> set = database_->run("PRAGMA synchronous=FULL"); !set) {
            return set.error();
        }
        std::int64_t number = 0;
        const Result<void> counted = database_->transaction([&]() -> Result<void> {
            sqlite::Query count = database_->query(
                "INSERT INTO numbers(name, value) VALUES(?1, 1) "
                "ON CONFLICT(name) DO UPDATE SET value = value + 1 RETURNING value");
            const Result<bool> row = count.bind(name).step();
            if (!row) {
                return row.error();
            }
            HEADROOM_ASSERT(*row);
            number = count.integer(0);
            const Result<bool> end = count.step();
            return end ? Result<void>{} : Result<void>(end.error());
        });
        const Result<void> reset = database_->run("PRAGMA synchronous=NORMAL");
        if (!counted || !reset) {
            return counted ? reset.error() : counted.error();
        }
        return static_cast<std::uint64_t>(number);
    }

  private:
    Result<void> apply(const Batch& batch) {
        sqlite::Query put = database_->query(
            "INSERT INTO records(kind, id, corr, state, json, applied_seq) VALUES(?1, ?2, ?3, ?4, ?5, ?6) "
            "ON CONFLICT(kind, id) DO UPDATE SET corr = excluded.corr, state = excluded.state, "
            "json = excluded.json, applied_seq = excluded.applied_seq");
        for (const Record& record : batch.puts) {
            put.bind(record.kind).bind(record.id).bind(record.corr).bind(record.state).bind(record.json);
            if (Result<void> done = put.bind(static_cast<std::int64_t>(record.applied_seq)).run(); !done) {
                return done;
            }
        }
        sqlite::Query remove = database_->query("DELETE FROM records WHERE kind = ?1 AND id = ?2");
        for (const auto& [kind, id] : batch.removes) {
            if (Result<void> done = remove.bind(kind).bind(id).run(); !done) {
                return done;
            }
        }
        if (!batch.applied_seq) {
            return {};
        }
        sqlite::Query move = database_->query("UPDATE projection SET applied_seq = ?1");
        return move.bind(static_cast<std::int64_t>(*batch.applied_seq)).run();
    }

    /// Inside a transaction. `asked_w` is what the same contract asked for before in this call.
    Result<void> reserve_one(const Reservation& wanted, std::int64_t asked_w, Watts offered, UtcTime now) {
        std::int64_t taken = 0;
        {
            sqlite::Query sum = database_->query(
                "SELECT coalesce(sum(power_w), 0) FROM reservations WHERE der = ?1 AND turn_up = ?2 "
                "AND period_ms = ?3 AND contract <> ?4 AND lease_until_ms > ?5");
            sum.bind(wanted.der)
                .bind(wanted.turn_up ? 1 : 0)
                .bind(to_ms(wanted.period))
                .bind(wanted.contract);
            const Result<bool> row = sum.bind(to_ms(now)).step();
            if (!row) {
                return row.error();
            }
            taken = sum.integer(0) + asked_w;
        }
        // Compared without adding: powers near the ends of the range must not wrap round.
        if (wanted.power.value > offered.value || taken > offered.value - wanted.power.value) {
            return Error{Errc::conflict, "DER " + wanted.der + ", " + direction_word(wanted.turn_up) +
                                             " in the half-hour " + format_utc(wanted.period) + ": " +
                                             in_kw(taken) + " taken, " + in_kw(wanted.power.value) +
                                             " asked by " + wanted.contract + ", " + in_kw(offered.value) +
                                             " offered"};
        }
        sqlite::Query put = database_->query(
            "INSERT INTO reservations(der, turn_up, period_ms, contract, power_w, fence, lease_until_ms) "
            "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET power_w = excluded.power_w, "
            "fence = excluded.fence, lease_until_ms = excluded.lease_until_ms");
        put.bind(wanted.der).bind(wanted.turn_up ? 1 : 0).bind(to_ms(wanted.period)).bind(wanted.contract);
        put.bind(asked_w + wanted.power.value).bind(static_cast<std::int64_t>(wanted.fence));
        return put.bind(to_ms(wanted.lease_until)).run();
    }

    std::unique_ptr<sqlite::Database> database_;
};

}  // namespace

Result<std::unique_ptr<Records>> open_sqlite_records(const std::filesystem::path& file) {
    Result<std::unique_ptr<sqlite::Database>> database = sqlite::Database::open(file, records_file);
    if (!database) {
        return database.error();
    }
    if (const Result<void> aside = (*database)->checkpoint_aside(); !aside) {
        return aside.error();
    }
    return std::unique_ptr<Records>(std::make_unique<SqliteRecords>(std::move(*database)));
}

}  // namespace headroom::store
