#include "desk/identity/denials.hpp"

#include <utility>

namespace headroom::desk::identity {
namespace {

std::string kind_of(const Denial& denial) {
    return denial.type + "\n" + denial.actor.kind + "\n" + denial.actor.id + "\n" + denial.actor.ip + "\n" +
           denial.reason;
}

/// What stands for all kinds that are too many to be told apart.
Denial anybody(const Denial& denial) {
    Denial all;
    all.type = denial.type;
    all.actor.id = "unknown";
    all.actor.kind = "user";
    all.reason = "many kinds of refused attempts at once";
    return all;
}

}  // namespace

audit::Draft draft_of(const Denial& denial, std::uint64_t count) {
    json::Object body{{"reason", denial.reason}, {"count", count}};
    if (!denial.route.empty()) {
        body.set("route", denial.route);
    }
    return {.type = denial.type, .actor = denial.actor, .body = std::move(body), .outcome = "denied"};
}

std::optional<audit::Draft> Denials::add(Denial denial, UtcTime now) {
    std::string kind = kind_of(denial);
    auto found = open_.find(kind);
    if (found == open_.end() && open_.size() >= kinds_) {
        denial = anybody(denial);
        kind = kind_of(denial);
        found = open_.find(kind);
    }
    if (found != open_.end()) {
        found->second.count += 1;
        return std::nullopt;
    }
    audit::Draft first = draft_of(denial, 1);
    open_.emplace(std::move(kind), Window{.denial = std::move(denial), .count = 0, .until = now + window_});
    return first;
}

std::vector<audit::Draft> Denials::due(UtcTime now) {
    std::vector<audit::Draft> drafts;
    for (auto at = open_.begin(); at != open_.end();) {
        Window& window = at->second;
        if (now < window.until) {
            ++at;
        } else if (window.count == 0) {
            at = open_.erase(at);
        } else {
            drafts.push_back(draft_of(window.denial, window.count));
            window.count = 0;
            window.until =
                now == UtcTime::max() ? now : now + window_;  // a flood stays one window after another
            ++at;
        }
    }
    return drafts;
}

}  // namespace headroom::desk::identity
