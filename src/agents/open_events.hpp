#pragma once

#include "agents/event_record.hpp"
#include "grid/network.hpp"

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headroom::agents {

/// The events that are not over, by where in the network they are: on a cold evening hundreds are open at
/// once, and each of their plans asks for those few above and below it. One thread.
class OpenEvents {
  public:
    /// Takes in an event. The record stays where it is until it is over or removed. An event stays where the
    /// network had its feeder then: feeders are added to a network, and never moved.
    void add(const EventRecord& record, const grid::Network& network);
    void remove(const EventRecord& record, const grid::Network& network);
    /// The others on the same branch (`is_same_branch`), by id. Those that are over are forgotten.
    [[nodiscard]] std::vector<const EventRecord*> same_branch(const EventRecord& record,
                                                              const grid::Network& network);

  private:
    using Events = std::map<std::string, const EventRecord*>;  // by id
    void collect(std::string_view element, std::unordered_map<std::string, Events>& from, Events& found);

    std::unordered_map<std::string, Events> on_;     // by feeder
    std::unordered_map<std::string, Events> below_;  // by what supplies the feeder, directly or not
};

}  // namespace headroom::agents
