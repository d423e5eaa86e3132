#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::desk::identity {

struct SessionLimits {
    milliseconds absolute = hours{12};  ///< a shift; then the password is asked for again
    milliseconds idle = hours{2};       ///< without any request
    std::size_t all = 4096;             ///< beyond this the one that was longest idle ends
    std::size_t per_user = 32;
};

struct Session {
    std::string user;
    std::string credential;  ///< of the user when it began (Standing): a new password ends it
    UtcTime began_at{};
    UtcTime seen_at{};
};

/// Who has signed in. Ids are 256 random bits and kept as their SHA-256 only. One thread, no clock: times are
/// handed in.
class Sessions {
  public:
    explicit Sessions(SessionLimits limits = {}) : limits_(limits) {}

    /// Begins a session and answers its id, which is nowhere kept.
    [[nodiscard]] std::string begin(std::string user, std::string credential, UtcTime now);
    /// The session of that id, now seen at `now`; nothing when there is none or it has run out.
    [[nodiscard]] const Session* use(std::string_view id, UtcTime now);
    /// Answers whose it was; nothing when there is none.
    std::optional<Session> end(std::string_view id);
    /// Forgets what has run out.
    void sweep(UtcTime now);
    [[nodiscard]] std::size_t size() const { return sessions_.size(); }

    /// For `keys/sessions.json`, so that a restart does not send everybody away in the middle of an event.
    [[nodiscard]] json::Object to_json() const;
    /// Takes up what has not run out by its absolute limit; each counts as seen now.
    /// Errors: `corrupt`; nothing is taken up then.
    Result<void> restore(const json::Value& value, UtcTime now);

  private:
    [[nodiscard]] bool is_over(const Session& session, UtcTime now) const;
    void make_room(const std::string& user);

    SessionLimits limits_;
    std::map<std::string, Session, std::less<>> sessions_;  // by SHA-256 of the id, hexadecimal
};

}  // namespace headroom::desk::identity
