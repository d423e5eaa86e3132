#include "beckn/correlator.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <utility>

namespace headroom::beckn {

namespace {

bool fits(const Pending& pending, const Context& callback, std::string_view sender) {
    return (pending.peer.empty() || pending.peer == sender) &&
           pending.transaction_id == callback.transaction_id &&
           pending.request == request_of(callback.action);
}

}  // namespace

std::string_view to_string(MatchKind kind) {
    switch (kind) {
        case MatchKind::exact:
            return "exact";
        case MatchKind::weak:
            return "weak";
        case MatchKind::late:
            return "late";
        case MatchKind::mismatch:
            return "mismatch";
        case MatchKind::none:
            return "none";
    }
    HEADROOM_ASSERT(false);
    return "";
}

Correlator::Correlator(bool weak_allowed, std::size_t closed_max)
    : weak_allowed_(weak_allowed), closed_max_(closed_max) {
    closed_.reserve(closed_max);
}

void Correlator::open(Pending pending) {
    std::string id = pending.message_id;
    closed_.erase(id);
    open_.insert_or_assign(std::move(id), std::move(pending));
}

void Correlator::close(const std::string& message_id) {
    const auto found = open_.find(message_id);
    if (found == open_.end()) {
        return;
    }
    closed_.insert_or_assign(message_id, std::move(found->second));
    closed_order_.push_back(message_id);
    open_.erase(found);
    while (closed_order_.size() > closed_max_) {
        closed_.erase(closed_order_.front());
        closed_order_.pop_front();
    }
}

void Correlator::add_authorization(const std::string& message_id, std::string authorization) {
    if (const auto found = open_.find(message_id); found != open_.end()) {
        found->second.authorizations.push_back(std::move(authorization));
    }
}

template <class Look>
void Correlator::walk(const Look& look) const {
    for (const auto& [id, pending] : open_) {
        if (look(id, pending, MatchKind::exact)) {
            return;
        }
    }
    for (auto id = closed_order_.rbegin(); id != closed_order_.rend(); ++id) {
        const auto found = closed_.find(*id);
        if (found != closed_.end() && look(*id, found->second, MatchKind::late)) {
            return;
        }
    }
}

std::vector<std::string> Correlator::authorizations_named_in(std::string_view bytes, std::string_view peer,
                                                             std::size_t max) const {
    std::vector<std::string> named;
    for (const bool by_message : {true, false}) {
        walk([&](const std::string& id, const Pending& pending, MatchKind) {
            const bool is_asked = pending.peer.empty() || pending.peer == peer;
            if (!is_asked || pending.authorizations.empty()) {
                return false;
            }
            const bool has_message = bytes.find(id) != std::string_view::npos;
            const bool is_wanted =
                by_message ? has_message
                           : !has_message && bytes.find(pending.transaction_id) != std::string_view::npos;
            for (std::size_t i = pending.authorizations.size(); is_wanted && i > 0 && named.size() < max;
                 --i) {
                named.push_back(pending.authorizations[i - 1]);
            }
            return named.size() >= max;
        });
    }
    return named;
}

Match Correlator::match_by_signature(const Context& callback, std::string_view sender,
                                     const SignedFor& signed_for) const {
    const auto is_meant = [&](const Pending& pending) {
        return fits(pending, callback, sender) &&
               std::any_of(pending.authorizations.rbegin(), pending.authorizations.rend(), signed_for);
    };
    // The message id says where to look first; it does not decide.
    if (const auto named = open_.find(callback.message_id); named != open_.end() && is_meant(named->second)) {
        return {MatchKind::exact, named->first};
    }
    if (const auto named = closed_.find(callback.message_id);
        named != closed_.end() && is_meant(named->second)) {
        return {MatchKind::late, named->first};
    }
    Match match{MatchKind::mismatch, callback.message_id};
    walk([&](const std::string& id, const Pending& pending, MatchKind kind) {
        if (!is_meant(pending)) {
            return false;
        }
        match = {kind, id};
        return true;
    });
    return match;
}

Match Correlator::match(const Context& callback, std::string_view sender, const SignedFor& signed_for) const {
    if (signed_for) {
        return match_by_signature(callback, sender, signed_for);
    }
    if (const auto found = open_.find(callback.message_id); found != open_.end()) {
        return {fits(found->second, callback, sender) ? MatchKind::exact : MatchKind::mismatch,
                callback.message_id};
    }
    if (const auto found = closed_.find(callback.message_id); found != closed_.end()) {
        return {fits(found->second, callback, sender) ? MatchKind::late : MatchKind::mismatch,
                callback.message_id};
    }
    if (weak_allowed_) {
        const Pending* only = nullptr;
        for (const auto& [id, pending] : open_) {
            if (!fits(pending, callback, sender)) {
                continue;
            }
            if (only != nullptr) {
                return {};
            }
            only = &pending;
        }
        if (only != nullptr) {
            return {MatchKind::weak, only->message_id};
        }
    }
    return {};
}

bool Correlator::names_open_to_all(std::string_view bytes) const {
    return std::any_of(open_.begin(), open_.end(), [bytes](const auto& entry) {
        return entry.second.peer.empty() && bytes.find(entry.first) != std::string_view::npos;
    });
}

std::vector<std::string> Correlator::open_requests(std::string_view peer, Action request) const {
    std::vector<std::string> ids;
    for (const auto& [id, pending] : open_) {
        if (pending.peer == peer && pending.request == request) {
            ids.push_back(id);
        }
    }
    return ids;
}

}  // namespace headroom::beckn
