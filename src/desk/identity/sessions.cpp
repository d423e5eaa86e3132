#include "desk/identity/sessions.hpp"

#include "core/digest.hpp"
#include "core/object_reader.hpp"
#include "desk/identity/secret.hpp"

#include <algorithm>
#include <utility>

namespace headroom::desk::identity {
namespace {

constexpr std::int64_t sessions_format = 1;

}  // namespace

bool Sessions::is_over(const Session& session, UtcTime now) const {
    return now >= session.began_at + limits_.absolute || now >= session.seen_at + limits_.idle;
}

void Sessions::make_room(const std::string& user) {
    const auto older = [](const auto& a, const auto& b) { return a.second.seen_at < b.second.seen_at; };
    std::size_t mine = 0;
    auto oldest_mine = sessions_.end();
    for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
        if (at->second.user == user) {
            mine += 1;
            oldest_mine = oldest_mine == sessions_.end() || older(*at, *oldest_mine) ? at : oldest_mine;
        }
    }
    if (mine >= limits_.per_user) {
        sessions_.erase(oldest_mine);
    } else if (sessions_.size() >= limits_.all) {
        sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(), older));
    }
}

std::string Sessions::begin(std::string user, std::string credential, UtcTime now) {
    sweep(now);
    make_room(user);
    std::string id = new_secret();
    sessions_.emplace(sha256_hex(id), Session{std::move(user), std::move(credential), now, now});
    return id;
}

const Session* Sessions::use(std::string_view id, UtcTime now) {
    const auto found = sessions_.find(sha256_hex(id));
    if (found == sessions_.end()) {
        return nullptr;
    }
    if (is_over(found->second, now)) {
        sessions_.erase(found);
        return nullptr;
    }
    found->second.seen_at = std::max(found->second.seen_at, now);
    return &found->second;
}

std::optional<Session> Sessions::end(std::string_view id) {
    const auto found = sessions_.find(sha256_hex(id));
    if (found == sessions_.end()) {
        return std::nullopt;
    }
    Session ended = std::move(found->second);
    sessions_.erase(found);
    return ended;
}

void Sessions::sweep(UtcTime now) {
    std::erase_if(sessions_, [&](const auto& item) { return is_over(item.second, now); });
}

json::Object Sessions::to_json() const {
    json::Array list;
    for (const auto& [hash, session] : sessions_) {
        list.emplace_back(json::Object{{"sha256", hash},
                                       {"user", session.user},
                                       {"credential", session.credential},
                                       {"began_at", format_utc(session.began_at)}});
    }
    return json::Object{{"format", sessions_format}, {"sessions", std::move(list)}};
}

Result<void> Sessions::restore(const json::Value& value, UtcTime now) {
    std::map<std::string, Session, std::less<>> restored;
    json::ObjectReader document(value);
    static_cast<void>(document.integer("format", sessions_format, sessions_format));
    const json::Array& items = document.array("sessions", limits_.all);
    for (std::size_t i = 0; i < items.size(); ++i) {
        json::ObjectReader reader(items[i], document.path("sessions", i));
        std::string hash = reader.text("sha256", hash_digits, hash_digits);
        Session session;
        session.user = reader.text("user", 64, 1);
        session.credential = reader.text("credential", 64, 1);
        session.began_at = reader.time("began_at");
        session.seen_at = now;
        reader.refuse_unknown();
        if (!reader.ok()) {
            return Error{Errc::corrupt, reader.error().message, reader.error().pointer};
        }
        if (session.began_at <= now && !is_over(session, now)) {
            restored.insert_or_assign(std::move(hash), std::move(session));
        }
    }
    if (!document.ok()) {
        return Error{Errc::corrupt, document.error().message, document.error().pointer};
    }
    sessions_ = std::move(restored);
    return {};
}

}  // namespace headroom::desk::identity
