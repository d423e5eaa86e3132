#pragma once

#include "core/time.hpp"
#include "store/records.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace headroom::agents {

/// What the record store has of the reservations of DERs that were asked for before, kept in step with it by
/// whoever writes there: a plan looks here, the store alone decides. One thread.
class ReservationBook {
  public:
    /// False also while something is being written for `der`: then the store is asked, behind that.
    [[nodiscard]] bool knows(const std::string& der) const;
    /// All that the store has of `der`.
    void learn(const std::string& der, const std::vector<store::Reservation>& all);
    /// Live ones at `now`, ordered as the store orders them; what has ended before is forgotten.
    [[nodiscard]] std::vector<store::Reservation> of(const std::string& der, UtcTime now);

    /// The store is being asked to take `wanted`, or to give up those of `contract`: the DERs that this may
    /// change, to be handed to `end_writing` with its answer.
    [[nodiscard]] std::set<std::string> begin_writing(const std::vector<store::Reservation>& wanted);
    [[nodiscard]] std::set<std::string> begin_writing(const std::string& contract);
    void end_writing(const std::set<std::string>& ders);
    /// The store has taken these, in one call.
    void add(const std::vector<store::Reservation>& reserved);
    void release(const std::string& contract);
    /// Contracts that hold something of a DER asked for before, as far as it was not found to have ended.
    [[nodiscard]] std::size_t contracts() const { return ders_of_.size(); }

  private:
    using Key = std::tuple<UtcTime, bool, std::string>;  // period, direction, contract
    struct Entry {
        std::map<Key, store::Reservation> held;
        bool is_learnt = false;
        int writes = 0;  // on their way
    };

    static Key key_of(const store::Reservation& reservation);
    void put(Entry& entry, const store::Reservation& reservation);
    /// Drops what has ended before `now`, and contracts that hold nothing of the DER any more.
    void forget_ended(Entry& entry, UtcTime now);

    std::unordered_map<std::string, Entry> by_der_;
    std::unordered_map<std::string, std::set<std::string>> ders_of_;  // by contract, of DERs that are learnt
};

}  // namespace headroom::agents
