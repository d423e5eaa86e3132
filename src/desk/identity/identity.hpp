#pragma once

#include "agents/journal.hpp"
#include "core/async.hpp"
#include "core/caller.hpp"
#include "core/clock.hpp"
#include "desk/identity/denials.hpp"
#include "desk/identity/password.hpp"
#include "desk/identity/principals_file.hpp"
#include "desk/identity/sessions.hpp"
#include "desk/identity/throttle.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::desk::identity {

struct IdentityOptions {
    PasswordCost cost;
    SessionLimits sessions;
    LoginThrottle throttle;
    milliseconds look_every = seconds{1};  ///< at the file of users and keys
    std::size_t hashes_waiting_max = 16;   ///< sign-ins that wait for the one hash that is being made
    std::function<SteadyTime()> steady = steady_now;
};

/// What becomes of a sign-in.
struct LoginAnswer {
    enum class Kind { ok, wrong, wait, busy };
    Kind kind = Kind::wrong;
    std::string session;   ///< the new session's id when ok
    std::string user;      ///< when ok
    std::string role;      ///< when ok
    milliseconds wait{0};  ///< when wait or busy
};

/// Who may come in: the file of users and keys, kept fresh, sessions, and what is written down about both.
///
/// The server never writes the file; `headroom user` and `headroom key` do, also while it runs. A change goes
/// into the audit log (`role.change`) before anything that it allows; while the log takes no entries, nobody
/// gains anything and whoever loses something loses it all the same. What was changed while no server ran is
/// written down by the next. Without users and keys everybody on this computer is the marked demo user; once
/// there was one in this process, proof is asked for until it ends. One io_context thread; passwords are
/// hashed on a thread of their own, one at a time. Source: docs/adr/0008-identity.md
class Identity {
  public:
    struct Parts {
        asio::any_io_executor executor;
        const WallClock& wall;
        agents::Journal& journal;
        std::filesystem::path data_dir;
    };

    /// Reads the files and who is known to the log, and writes down the difference. Blocking, before
    /// coroutines run. Errors: as `load_principals`; a damaged file of sessions is dropped with a warning.
    [[nodiscard]] static Result<std::unique_ptr<Identity>> open(Parts parts, IdentityOptions options = {});
    ~Identity();
    Identity(const Identity&) = delete;
    Identity& operator=(const Identity&) = delete;

    /// Writes what was counted and not written yet; before the log is sealed.
    void finish();

    /// Whether callers must prove who they are.
    [[nodiscard]] bool is_required() const { return required_; }
    /// Looks whether the file has changed, at most once in `look_every`: one `stat`.
    void refresh();

    /// Who holds the session; nothing when it is none, has run out, or its user is gone or has a new
    /// password.
    [[nodiscard]] std::optional<Caller> by_session(std::string_view session, std::string_view ip);
    /// Who holds the bearer key, "hr_…".
    [[nodiscard]] std::optional<Caller> by_key(std::string_view key, std::string_view ip);

    /// Checks name and password and begins a session. An unknown name costs the same hash and gets the same
    /// answer as a wrong password.
    Awaitable<LoginAnswer> login(std::string name, std::string password, std::string ip);
    void logout(std::string_view session, std::string_view ip);

    /// Writes down a refused attempt, or counts it (see Denials).
    void denied(Denial denial);

    [[nodiscard]] const SessionLimits& session_limits() const { return options_.sessions; }
    /// How many password hashes have been made.
    [[nodiscard]] std::uint64_t hashes() const { return hashes_; }

  private:
    Identity(Parts parts, IdentityOptions options);
    Result<void> read_audited();
    void restore_sessions();
    void keep_sessions();
    void look();
    void put_in_force();
    void write_changes();
    Awaitable<void> write_due();
    [[nodiscard]] Caller caller(std::string_view kind, const std::string& name, Role role,
                                std::string_view ip) const;

    Parts parts_;
    IdentityOptions options_;
    std::filesystem::path file_;
    std::filesystem::path sessions_file_;
    FileMark mark_;
    SteadyTime looked_{};
    Principals wanted_;                                       // as the file has it
    Standings audited_;                                       // as the log has it
    Principals allowed_;                                      // who is let in now
    std::map<std::string, const ApiKey*, std::less<>> keys_;  // of allowed_, by key id
    bool required_ = false;
    bool is_behind_ = false;  // changes of the file that the log does not have yet
    Sessions sessions_;
    LoginThrottle throttle_;
    Denials denials_;
    bool due_runs_ = false;
    asio::steady_timer due_timer_;
    std::string decoy_;
    std::uint64_t hashes_ = 0;
    std::size_t hashing_ = 0;
    Worker hasher_;
    Worker keeper_;  // writes the sessions' file
};

}  // namespace headroom::desk::identity
