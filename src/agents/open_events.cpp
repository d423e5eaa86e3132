#include "agents/open_events.hpp"

#include <iterator>

namespace headroom::agents {
namespace {

/// What supplies the feeder, from below.
std::vector<std::string_view> supplies_of(const std::string& feeder, const grid::Network& network) {
    std::vector<std::string_view> path = network.path_to_top(feeder);
    if (!path.empty()) {
        path.erase(path.begin());
    }
    return path;
}

}  // namespace

void OpenEvents::add(const EventRecord& record, const grid::Network& network) {
    const std::string& id = record.id().value;
    on_[record.overload.feeder].insert_or_assign(id, &record);
    for (const std::string_view above : supplies_of(record.overload.feeder, network)) {
        below_[std::string(above)].insert_or_assign(id, &record);
    }
}

void OpenEvents::remove(const EventRecord& record, const grid::Network& network) {
    const auto drop = [&record](std::unordered_map<std::string, Events>& from, const std::string& element) {
        const auto found = from.find(element);
        if (found != from.end() && found->second.erase(record.id().value) > 0 && found->second.empty()) {
            from.erase(found);
        }
    };
    drop(on_, record.overload.feeder);
    for (const std::string_view above : supplies_of(record.overload.feeder, network)) {
        drop(below_, std::string(above));
    }
}

void OpenEvents::collect(std::string_view element, std::unordered_map<std::string, Events>& from,
                         Events& found) {
    const auto here = from.find(std::string(element));
    if (here == from.end()) {
        return;
    }
    for (auto each = here->second.begin(); each != here->second.end();) {
        if (is_over(each->second->state)) {
            each = here->second.erase(each);
        } else {
            found.insert(*each++);
        }
    }
    if (here->second.empty()) {
        from.erase(here);
    }
}

std::vector<const EventRecord*> OpenEvents::same_branch(const EventRecord& record,
                                                        const grid::Network& network) {
    Events found;
    for (const std::string_view above : supplies_of(record.overload.feeder, network)) {
        collect(above, on_, found);
    }
    collect(record.overload.feeder, below_, found);
    found.erase(record.id().value);
    std::vector<const EventRecord*> records;
    records.reserve(found.size());
    for (const auto& [id, each] : found) {
        records.push_back(each);
    }
    return records;
}

}  // namespace headroom::agents
