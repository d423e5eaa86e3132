#include "desk/identity/identity.hpp"

#include "audit/files.hpp"
#include "core/log.hpp"
#include "desk/identity/secret.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace headroom::desk::identity {
namespace {

/// Differences written down at a time; the log's queue holds more.
constexpr std::size_t changes_at_once = 1000;
constexpr std::size_t sessions_bytes_max = 4UL << 20U;
constexpr milliseconds busy_wait = seconds{2};

audit::Draft draft_of(const RoleChange& change) {
    audit::Actor actor = agents::system_actor();
    actor.via = "keys/identity.json";
    return {.type = "role.change",
            .actor = std::move(actor),
            .body = json::Object{{"principal", change.now.name},
                                 {"kind", change.now.kind},
                                 {"change", change.change},
                                 {"role", std::string(to_string(change.now.role))},
                                 {"was", std::string(to_string(change.was))},
                                 {"credential", change.now.credential}}};
}

/// What the last `role.change` of a principal said (agents/projection.cpp).
Result<Standing> standing_from(const store::Record& record) {
    const Result<json::Value> body = json::parse(record.json);
    const std::optional<Role> role = body ? parse_role(body->text("/role")) : std::nullopt;
    if (!role) {
        return Error{Errc::corrupt, "the record of principal " + record.id + " holds no role"};
    }
    return Standing{.kind = body->text("/kind"),
                    .name = body->text("/principal"),
                    .role = *role,
                    .credential = body->text("/credential")};
}

audit::Actor actor_of(std::string_view kind, std::string id, std::string_view ip) {
    audit::Actor actor;
    actor.id = std::move(id);
    actor.kind = std::string(kind);
    actor.ip = std::string(ip);
    return actor;
}

}  // namespace

Identity::Identity(Parts parts, IdentityOptions options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      file_(principals_path(parts_.data_dir)),
      sessions_file_(parts_.data_dir / "keys" / "sessions.json"),
      sessions_(options_.sessions),
      throttle_(options_.throttle),
      due_timer_(parts_.executor),
      decoy_(decoy_hash(options_.cost)),
      hasher_("passwords"),
      keeper_("sessions") {}

Identity::~Identity() = default;

Result<std::unique_ptr<Identity>> Identity::open(Parts parts, IdentityOptions options) {
    std::unique_ptr<Identity> identity(new Identity(std::move(parts), std::move(options)));
    const Result<void> audited = identity->read_audited();
    if (!audited) {
        return audited.error();
    }
    identity->mark_ = mark_of(identity->file_);
    identity->looked_ = identity->options_.steady();
    Result<Principals> principals = load_principals(identity->file_);
    if (!principals) {
        return principals.error();
    }
    identity->wanted_ = std::move(*principals);
    identity->put_in_force();
    identity->restore_sessions();
    return identity;
}

Result<void> Identity::read_audited() {
    constexpr std::size_t page = 1000;
    std::string after;
    while (true) {
        const Result<std::vector<store::Record>> records =
            parts_.journal.records().direct().list("principal", after, page);
        if (!records) {
            return records.error();
        }
        for (const store::Record& record : *records) {
            Result<Standing> standing = standing_from(record);
            if (!standing) {
                return standing.error();
            }
            if (record.state != "removed") {
                audited_.insert_or_assign(record.id, std::move(*standing));
            }
            after = record.id;
        }
        if (records->size() < page) {
            return {};
        }
    }
}

void Identity::restore_sessions() {
    const Result<std::string> text = audit::read_file(sessions_file_, sessions_bytes_max);
    if (!text) {
        return;  // nobody had signed in
    }
    const Result<json::Value> value = json::parse(*text, {.bytes = sessions_bytes_max, .depth = 4});
    const Result<void> restored =
        value ? sessions_.restore(*value, parts_.wall.now()) : Result<void>(value.error());
    if (!restored) {
        log::warn("the sessions of the last run are lost, everybody must sign in again",
                  {{"file", sessions_file_.string()}, {"error", restored.error().message}});
    }
}

void Identity::keep_sessions() {
    keeper_.post([file = sessions_file_, text = json::write(sessions_.to_json())] {
        bool is_sync_fault = false;
        const int fault = audit::replace_file(audit::system_files(), file, text, is_sync_fault, 0600);
        if (fault != 0) {
            log::warn("sessions will not outlive a restart",
                      {{"error", audit::file_error("writing", file, fault).message}});
        }
    });
}

void Identity::finish() {
    for (audit::Draft& draft : denials_.due(UtcTime::max())) {
        parts_.journal.note(std::move(draft));
    }
}

void Identity::refresh() {
    if (options_.steady() - looked_ >= options_.look_every) {
        look();
    }
}

void Identity::look() {
    looked_ = options_.steady();
    const FileMark mark = mark_of(file_);
    if (mark == mark_) {
        if (is_behind_) {
            put_in_force();
        }
        return;
    }
    mark_ = mark;
    Result<Principals> principals = load_principals(file_);
    if (!principals) {
        log::error("the list of users and keys cannot be read; the former one stays in force",
                   {{"error", principals.error().message}});
        return;
    }
    wanted_ = std::move(*principals);
    put_in_force();
}

void Identity::put_in_force() {
    required_ = required_ || !wanted_.empty();
    write_changes();
    allowed_ = in_force(wanted_, audited_);
    keys_.clear();
    for (const ApiKey& key : allowed_.keys) {
        keys_.emplace(key.key_id, &key);
    }
}

/// Notes the changes, in the order of the log before anything they allow.
void Identity::write_changes() {
    const std::vector<RoleChange> changes = differences(audited_, standings_of(wanted_));
    const bool takes_entries =
        parts_.journal.healthy() && parts_.journal.log().state() == audit::LogState::running;
    const std::size_t count = takes_entries ? std::min(changes.size(), changes_at_once) : 0;
    for (std::size_t i = 0; i < count; ++i) {
        parts_.journal.note(draft_of(changes[i]));
        const std::string id = standing_id(changes[i].now);
        if (changes[i].change == "removed") {
            audited_.erase(id);
        } else {
            audited_.insert_or_assign(id, changes[i].now);
        }
    }
    is_behind_ = count < changes.size();
}

Caller Identity::caller(std::string_view kind, const std::string& name, Role role,
                        std::string_view ip) const {
    return {.id = name,
            .kind = std::string(kind),
            .role = std::string(to_string(role)),
            .ip = std::string(ip),
            .reason = {}};
}

std::optional<Caller> Identity::by_session(std::string_view session, std::string_view ip) {
    refresh();
    const Session* const found = sessions_.use(session, parts_.wall.now());
    if (found == nullptr) {
        return std::nullopt;
    }
    const User* const user = allowed_.user(found->user);
    if (user == nullptr || standing_of(*user).credential != found->credential) {
        sessions_.end(session);
        keep_sessions();
        return std::nullopt;
    }
    return caller("user", user->name, user->role, ip);
}

std::optional<Caller> Identity::by_key(std::string_view text, std::string_view ip) {
    refresh();
    const std::optional<BearerKey> key = parse_bearer_key(text);
    if (!key) {
        return std::nullopt;
    }
    if (!keys_.contains(key->id)) {
        look();  // it may have been made this very second
    }
    const auto found = keys_.find(key->id);
    if (found == keys_.end() || !same_hash(found->second->secret, sha256(key->secret))) {
        return std::nullopt;
    }
    return caller("apikey", found->second->name, found->second->role, ip);
}

Awaitable<LoginAnswer> Identity::login(std::string name, std::string password, std::string ip) {
    look();
    const UtcTime now = parts_.wall.now();
    const auto refuse = [&](std::string_view why) {
        // A name that nobody has is not written down: it may be a password in the wrong field.
        const bool is_known = allowed_.user(name) != nullptr;
        denied({.type = "auth.denied",
                .actor = actor_of("user", is_known ? name : "unknown", ip),
                .reason = std::string(why),
                .route = "POST /api/v1/login"});
    };
    if (hashing_ >= options_.hashes_waiting_max) {
        refuse("too many sign-ins at once");
        co_return LoginAnswer{.kind = LoginAnswer::Kind::busy, .wait = busy_wait};
    }
    if (const std::optional<milliseconds> wait = throttle_.begin(name, ip, now)) {
        refuse("too many failed sign-ins");
        co_return LoginAnswer{.kind = LoginAnswer::Kind::wait, .wait = *wait};
    }
    const User* user = allowed_.user(name);
    const std::string hash = user == nullptr ? decoy_ : user->password;
    const bool is_known = user != nullptr;
    hashing_ += 1;
    hashes_ += 1;
    auto job = [hash, password = std::move(password)]() mutable {
        const bool is_right = verify_password(hash, password);
        sodium_memzero(password.data(), password.size());
        return is_right;
    };
    const bool is_right = co_await hasher_.run(std::move(job));
    hashing_ -= 1;
    user = allowed_.user(name);  // it may have gone meanwhile
    if (!is_known || !is_right || user == nullptr || user->password != hash) {
        refuse("wrong name or password");
        co_return LoginAnswer{};
    }
    throttle_.succeeded(name, ip);
    std::string session = sessions_.begin(user->name, standing_of(*user).credential, parts_.wall.now());
    keep_sessions();
    const std::string role(to_string(user->role));
    parts_.journal.note({.type = "auth.login",
                         .actor = actor_of("user", user->name, ip),
                         .body = json::Object{{"role", role}}});
    co_return LoginAnswer{
        .kind = LoginAnswer::Kind::ok, .session = std::move(session), .user = user->name, .role = role};
}

void Identity::logout(std::string_view session, std::string_view ip) {
    const std::optional<Session> ended = sessions_.end(session);
    if (!ended) {
        return;
    }
    keep_sessions();
    parts_.journal.note(
        {.type = "auth.logout", .actor = actor_of("user", ended->user, ip), .body = json::Object{}});
}

void Identity::denied(Denial denial) {
    if (std::optional<audit::Draft> draft = denials_.add(std::move(denial), parts_.wall.now())) {
        parts_.journal.note(std::move(*draft));
    }
    if (!due_runs_) {
        due_runs_ = true;
        spawn(parts_.executor, write_due());
    }
}

/// Runs while attempts are being counted.
Awaitable<void> Identity::write_due() {
    while (!denials_.empty()) {
        due_timer_.expires_after(denials_.window());
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await due_timer_.async_wait(token);
        for (audit::Draft& draft : denials_.due(parts_.wall.now())) {
            parts_.journal.note(std::move(draft));
        }
    }
    due_runs_ = false;
}

}  // namespace headroom::desk::identity
