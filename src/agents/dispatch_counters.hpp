#pragma once

#include "core/time.hpp"
#include "core/units.hpp"
#include "dispatch/guard/guard.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

namespace headroom::agents {

/// What the dispatch agent has sent of late, in domain time: the part of the guard's question that it alone
/// knows. New activations only: a renewal changes nothing, a release always passes. A question costs the same
/// however much was sent elsewhere.
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
    /// The power sent at one feeder or substation within a minute.
    class Minute {
      public:
        void add(UtcTime at, const std::string& id, Watts change);
        void remove(const std::string& id);
        void forget(UtcTime now);
        [[nodiscard]] Watts sum_at(UtcTime now) const;

      private:
        struct Sent {
            UtcTime at{};
            std::string id;
            Watts change{};
        };
        std::deque<Sent> sent_;  // by `at`
        Watts sum_{};
    };
    using Minutes = std::unordered_map<std::string, Minute>;

    static Watts sum_of(const Minutes& minutes, const std::string& element, UtcTime now);

    Minutes by_feeder_;
    Minutes by_substation_;
    std::deque<UtcTime> moments_;                                  // of the starts, in order
    std::map<std::pair<Date, std::string>, std::int64_t> starts_;  // by settlement day and DER
};

}  // namespace headroom::agents
