#pragma once

#include "core/time.hpp"
#include "core/units.hpp"
#include "dispatch/guard/guard.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

namespace headroom::agents {

/// What the dispatch agent has sent of late, in domain time: the part of the guard's question that it alone
/// knows. New activations only: a renewal changes nothing, a release always passes.
class DispatchCounters {
  public:
    /// Fills the sums and counts of `question` from what is remembered.
    void fill(dispatch::guard::GuardQuestion& question) const;
    /// Counts the instruction of `question` as sent at `question.now`.
    void add(const dispatch::guard::GuardQuestion& question);
    /// Takes it back: its intent could not be made durable.
    void remove(const dispatch::guard::GuardQuestion& question);
    /// A start found in the records after a restart.
    void add_start(const std::string& der, UtcTime start);

  private:
    struct Sent {
        UtcTime at{};
        UtcTime start{};
        std::string id;
        std::string feeder;
        std::string substation;
        Watts change{};
    };
    void forget(UtcTime now);

    std::deque<Sent> recent_;
    std::map<std::pair<Date, std::string>, std::int64_t> starts_;  // by settlement day and DER
};

}  // namespace headroom::agents
