#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::store {

/// A thing that is kept: event, contract, instruction, statement … `json` is its whole present state.
struct Record {
    std::string kind;
    std::string id;
    std::string corr;   ///< event id it belongs to; may be empty
    std::string state;  ///< for lists by state; may be empty
    std::string json;
    std::uint64_t applied_seq = 0;  ///< audit sequence number of the entry that made this state

    bool operator==(const Record&) const = default;
};

/// So much of a DER promised to one contract in one half-hour.
struct Reservation {
    std::string der;
    bool turn_up = false;  ///< direction: false = turn-down
    UtcTime period{};      ///< start of the half-hour
    Watts power{};         ///< > 0
    std::string contract;  ///< transaction id
    std::uint64_t fence = 0;
    UtcTime lease_until{};  ///< the reservation is void from then on
};

/// Several puts that become visible together, with the audit position they bring the projection to.
struct Batch {
    std::vector<Record> puts;
    std::vector<std::pair<std::string, std::string>> removes;  ///< (kind, id)
    std::optional<std::uint64_t>
        applied_seq;  ///< new position of the projection: one more than the last applied entry
};

/// The record store. Blocking and used from one thread (callers put it behind a core Worker).
/// A call that returned is process-durable: it survives the death of the process.
/// Errors, every call: `unavailable` when the store cannot be reached or is full, `corrupt` when its file is
/// damaged.
class Records {
  public:
    virtual ~Records() = default;

    virtual Result<void> write(const Batch& batch) = 0;
    /// Errors: `not_found`.
    virtual Result<Record> get(std::string_view kind, std::string_view id) = 0;
    /// By id, ascending; `after` is exclusive.
    virtual Result<std::vector<Record>> list(std::string_view kind, std::string_view after = "",
                                             std::size_t limit = 1000) = 0;
    virtual Result<std::vector<Record>> list_by_state(std::string_view kind, std::string_view state) = 0;
    virtual Result<std::vector<Record>> list_by_corr(std::string_view corr) = 0;
    /// The projection's position: entries with seq >= this one are still to be applied. 0 in a new store.
    virtual Result<std::uint64_t> applied_seq() = 0;

    /// All or none, in one transaction: for each (DER, direction, period) the sum of live reservations of
    /// other contracts and this one must stay within `offered`, parallel to `wanted`. The same contract
    /// asking again replaces its own for that DER, direction and period; asked several times in one call, it
    /// adds up. Errors: `conflict` naming the DER, period, what is taken, asked and offered; `invalid` for a
    /// power that is not above 0, a period off the half-hour or a lease that has ended.
    virtual Result<void> reserve(const std::vector<Reservation>& wanted, const std::vector<Watts>& offered,
                                 UtcTime now) = 0;
    virtual Result<void> release(std::string_view contract) = 0;
    virtual Result<std::vector<Reservation>> reservations(std::string_view der, UtcTime now) = 0;

    /// A number that grows each time it is asked for, never repeated, also after a restart (fences, sequence
    /// numbers).
    virtual Result<std::uint64_t> next_number(std::string_view name) = 0;
};

/// SQLite in WAL mode (synchronous=NORMAL). Numbered migrations run forward in one transaction, after a
/// backup beside the file. Errors: `unsupported` for a file of a newer version, with the remedy.
[[nodiscard]] Result<std::unique_ptr<Records>> open_sqlite_records(const std::filesystem::path& file);

}  // namespace headroom::store
