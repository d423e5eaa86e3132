#include "api/session_door.hpp"

#include "api/credentials.hpp"
#include "api/operation.hpp"
#include "core/object_reader.hpp"

#include <algorithm>
#include <utility>

namespace headroom::api {
namespace {

using desk::identity::Denial;
using desk::identity::Identity;
using desk::identity::LoginAnswer;

constexpr std::size_t login_bytes_max = 8192;
constexpr std::size_t login_name_bytes_max = 256;
constexpr std::string_view challenge = "Bearer realm=\"headroom\"";
constexpr std::string_view bad_token = "Bearer realm=\"headroom\", error=\"invalid_token\"";
constexpr std::string_view sign_in_remedy =
    "sign in with POST /api/v1/login, or send a key as \"Authorization: Bearer hr_…\"";

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

bool changes_something(const net::Request& request, const net::RouteInfo* route) {
    const bool only_reads =
        request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
    return !only_reads || (route != nullptr && route->kind == net::RouteKind::websocket);
}

bool is_preflight(const net::Request& request) {
    return request.method == "OPTIONS" && request.headers.has("Origin") &&
           request.headers.has("Access-Control-Request-Method");
}

Caller demo_user(const std::string& ip) {
    return {.id = "demo-user", .kind = "user", .role = "admin", .ip = ip, .reason = {}};
}

net::Response refusal(int status, std::string_view detail, const net::Request& request) {
    return net::problem(status, net::status_phrase(status), detail, {}, request.path);
}

net::Response unauthorised(std::string_view detail, std::string_view how, const net::Request& request) {
    net::Response response = refusal(401, detail, request);
    response.headers.set("WWW-Authenticate", std::string(how));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

void add_to_vary(net::Response& response, std::string_view name) {
    const std::string_view already = response.headers.get("Vary");
    response.headers.set(
        "Vary", already.empty() ? std::string(name) : std::string(already) + ", " + std::string(name));
}

class SessionDoor {
  public:
    SessionDoor(Identity& identity, SessionDoorOptions options)
        : identity_(identity), options_(std::move(options)) {}

    std::optional<net::Response> judge(net::Request& request, const net::RouteInfo* route);
    void add_cors(const net::Request& request, net::Response& response) const;
    [[nodiscard]] bool is_welcome(std::string_view origin, const net::Request& request) const;
    [[nodiscard]] bool is_still_in(const net::Request& request, std::string_view need);
    Awaitable<net::Response> login(net::Request request);
    net::Response logout(const net::Request& request);
    [[nodiscard]] net::Response session(const net::Request& request) const;

  private:
    struct Found {
        std::optional<Caller> caller;
        bool showed_token = false;
        bool showed_cookie = false;
    };

    [[nodiscard]] Found identify(const net::Request& request);
    [[nodiscard]] std::string address_of(const net::Request& request) const;
    [[nodiscard]] bool is_local(const net::Request& request) const;
    [[nodiscard]] bool is_our_host(const net::Request& request) const;
    [[nodiscard]] bool may_dial_in(const net::Request& request, const Found& found) const;
    std::optional<net::Response> judge_origin(const net::Request& request, const net::RouteInfo* route,
                                              bool showed_cookie);
    net::Response preflight(const net::Request& request) const;
    net::Response no_proof(const net::Request& request, const net::RouteInfo& route, const Found& found);
    net::Response wrong_role(const net::Request& request, const net::RouteInfo& route, const Caller& caller);
    void write_down(std::string type, const Caller* caller, const net::Request& request, std::string reason,
                    const net::RouteInfo* route);
    [[nodiscard]] std::string cookie(std::string_view value, seconds max_age) const;

    Identity& identity_;
    SessionDoorOptions options_;
};

std::string SessionDoor::address_of(const net::Request& request) const {
    if (!options_.is_behind_https || !is_loopback_address(request.remote_address) ||
        request.headers.count("X-Forwarded-For") != 1) {
        return request.remote_address;
    }
    // The last entry is the one that our own proxy has added; those before it are hearsay.
    std::string_view hops = request.headers.get("X-Forwarded-For");
    hops.remove_prefix(std::min(hops.rfind(',') + 1, hops.size()));
    hops.remove_prefix(std::min(hops.find_first_not_of(' '), hops.size()));
    hops = hops.substr(0, hops.find_last_not_of(' ') + 1);
    return is_ip_address(hops) ? std::string(hops) : request.remote_address;
}

/// From this computer itself, and not through a proxy on it.
bool SessionDoor::is_local(const net::Request& request) const {
    return !options_.is_behind_https && is_loopback_address(request.remote_address) &&
           is_loopback_host(host_in(request.headers.get("Host"))) &&
           !request.headers.has("X-Forwarded-For") && !request.headers.has("Forwarded");
}

bool SessionDoor::is_our_host(const net::Request& request) const {
    if (!options_.is_loopback || !request.headers.has("Host")) {
        return true;
    }
    const std::string_view host = host_in(request.headers.get("Host"));
    return is_loopback_host(host) ||
           std::any_of(options_.names.begin(), options_.names.end(),
                       [&](const std::string& name) { return net::same_but_case(name, host); });
}

bool SessionDoor::is_welcome(std::string_view origin, const net::Request& request) const {
    if (is_same_origin(origin, request.headers.get("Host")) || contains(options_.cors_origins, origin)) {
        return true;
    }
    // A proxy may put its own idea of a Host in place of the browser's.
    return std::any_of(options_.names.begin(), options_.names.end(),
                       [&](const std::string& name) { return is_same_origin(origin, name); });
}

SessionDoor::Found SessionDoor::identify(const net::Request& request) {
    Found found;
    const std::string ip = address_of(request);
    found.showed_token = request.headers.has("Authorization");
    if (const std::optional<std::string> token = bearer_of(request.headers)) {
        found.showed_token = true;
        found.caller = identity_.by_key(*token, ip);
        return found;
    }
    if (found.showed_token) {
        return found;
    }
    if (const std::optional<std::string> id = cookie_of(request.headers, session_cookie)) {
        found.showed_cookie = true;
        found.caller = identity_.by_session(*id, ip);
    }
    return found;
}

void SessionDoor::write_down(std::string type, const Caller* caller, const net::Request& request,
                             std::string reason, const net::RouteInfo* route) {
    Denial denial;
    denial.type = std::move(type);
    denial.actor.id = caller != nullptr ? caller->id : "unknown";
    denial.actor.kind = caller != nullptr ? caller->kind : "user";
    denial.actor.ip = address_of(request);
    denial.reason = std::move(reason);
    denial.route = route != nullptr ? route->method + " " + route->pattern : "";
    identity_.denied(std::move(denial));
}

net::Response SessionDoor::preflight(const net::Request& request) const {
    if (!contains(options_.cors_origins, request.headers.get("Origin"))) {
        return refusal(
            403, "pages of this origin may not use the API; an operator can allow it with --cors-origin",
            request);
    }
    net::Response response{.status = 204, .content_type = {}, .body = {}, .headers = {}};
    response.headers.set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
    response.headers.set(
        "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, X-Request-Id");
    response.headers.set("Access-Control-Max-Age", "600");
    return response;
}

void SessionDoor::add_cors(const net::Request& request, net::Response& response) const {
    add_to_vary(response, "Origin");
    const std::string_view origin = request.headers.get("Origin");
    if (!contains(options_.cors_origins, origin)) {
        return;
    }
    response.headers.set("Access-Control-Allow-Origin", std::string(origin));
    response.headers.set("Access-Control-Allow-Credentials", "true");
    response.headers.set("Access-Control-Expose-Headers", "ETag, Link, Location, Retry-After, X-Request-Id");
}

std::optional<net::Response> SessionDoor::judge_origin(const net::Request& request,
                                                       const net::RouteInfo* route, bool showed_cookie) {
    if (!changes_something(request, route)) {
        return std::nullopt;
    }
    const bool has_origin = request.headers.has("Origin");
    if (has_origin ? is_welcome(request.headers.get("Origin"), request) : !showed_cookie) {
        return std::nullopt;
    }
    write_down("api.denied", nullptr, request,
               has_origin ? "page of another origin" : "cookie without Origin", route);
    return refusal(403,
                   has_origin
                       ? "pages of this origin may not change anything here; an operator can allow it "
                         "with --cors-origin"
                       : "a change with a session cookie must carry an Origin header; programs use a key",
                   request);
}

/// Gateways of devices.
bool SessionDoor::may_dial_in(const net::Request& request, const Found& found) const {
    if (found.caller) {
        return desk::identity::role_allows(found.caller->role, "device");
    }
    return !found.showed_token && (!identity_.is_required() || is_local(request));
}

net::Response SessionDoor::no_proof(const net::Request& request, const net::RouteInfo& route,
                                    const Found& found) {
    write_down("auth.denied", nullptr, request,
               found.showed_token    ? "unknown key"
               : found.showed_cookie ? "session over"
                                     : "nothing shown",
               &route);
    return unauthorised(found.showed_token    ? "the bearer key is not known here, or has been revoked"
                        : found.showed_cookie ? "the session is over; " + std::string(sign_in_remedy)
                                              : std::string(sign_in_remedy),
                        found.showed_token ? bad_token : challenge, request);
}

net::Response SessionDoor::wrong_role(const net::Request& request, const net::RouteInfo& route,
                                      const Caller& caller) {
    const std::string& need = route.options.role;
    write_down("api.denied", &caller, request, "needs role " + need, &route);
    return refusal(403, caller.id + " has the role " + caller.role + "; this needs the role " + need,
                   request);
}

std::optional<net::Response> SessionDoor::judge(net::Request& request, const net::RouteInfo* route) {
    if (!is_our_host(request)) {
        write_down("api.denied", nullptr, request, "foreign Host", route);
        return refusal(421,
                       "this server answers on this computer only, under localhost or 127.0.0.1; other names "
                       "are told to it by the setting server.names",
                       request);
    }
    if (is_preflight(request)) {
        return preflight(request);
    }
    identity_.refresh();
    const Found found = identify(request);
    if (std::optional<net::Response> refused = judge_origin(request, route, found.showed_cookie)) {
        return refused;
    }
    const bool is_open = !identity_.is_required();
    request.caller = is_open ? demo_user(address_of(request)) : found.caller;
    if (route == nullptr) {
        return std::nullopt;
    }
    const std::string& need = route->options.role;
    if (need == "none" || need == "peer") {
        return std::nullopt;
    }
    if (need == "device") {
        if (may_dial_in(request, found)) {
            return std::nullopt;
        }
        return found.caller ? wrong_role(request, *route, *found.caller) : no_proof(request, *route, found);
    }
    if (!request.caller) {
        return no_proof(request, *route, found);
    }
    if (!desk::identity::role_allows(request.caller->role, need)) {
        return wrong_role(request, *route, *request.caller);
    }
    return std::nullopt;
}

bool SessionDoor::is_still_in(const net::Request& request, std::string_view need) {
    identity_.refresh();
    if (!identity_.is_required()) {
        return true;
    }
    const Found found = identify(request);
    return found.caller && desk::identity::role_allows(found.caller->role, need);
}

std::string SessionDoor::cookie(std::string_view value, seconds max_age) const {
    return std::string(session_cookie) + "=" + std::string(value) +
           "; Path=/; Max-Age=" + std::to_string(max_age.count()) + "; HttpOnly; SameSite=Strict" +
           (options_.is_behind_https ? "; Secure" : "");
}

Awaitable<net::Response> SessionDoor::login(net::Request request) {
    const Result<json::Value> parsed = json::parse(request.body, {.bytes = login_bytes_max, .depth = 4});
    if (!parsed) {
        co_return refusal(400, "the body is not JSON", request);
    }
    json::ObjectReader reader(*parsed);
    std::string name = reader.text("name", login_name_bytes_max, 1);
    std::string password = reader.text("password", desk::identity::password_bytes_max, 1);
    if (!reader.ok()) {
        co_return net::problem_of(reader.error(), request.path);
    }
    if (!identity_.is_required()) {
        co_return refusal(
            409,
            "there are no users yet: everybody on this computer is the demo user. Make one with "
            "headroom user add NAME --role ROLE --password-file FILE",
            request);
    }
    std::string ip = address_of(request);
    const LoginAnswer answer = co_await identity_.login(std::move(name), std::move(password), std::move(ip));
    const std::string retry =
        std::to_string(std::chrono::ceil<seconds>(std::max<milliseconds>(answer.wait, seconds{1})).count());
    net::Response response;
    switch (answer.kind) {
        case LoginAnswer::Kind::ok: {
            response = net::json_response(200, json::Object{{"user", answer.user}, {"role", answer.role}});
            response.headers.set("Set-Cookie",
                                 cookie(answer.session, std::chrono::duration_cast<seconds>(
                                                            identity_.session_limits().absolute)));
            break;
        }
        case LoginAnswer::Kind::wrong:
            response = unauthorised("the name or the password is wrong", challenge, request);
            break;
        case LoginAnswer::Kind::wait:
            response = refusal(429, "too many failed sign-ins; try again in " + retry + " s", request);
            response.headers.set("Retry-After", retry);
            break;
        case LoginAnswer::Kind::busy:
            response = refusal(503, "too many sign-ins at once; try again in " + retry + " s", request);
            response.headers.set("Retry-After", retry);
            break;
    }
    response.headers.set("Cache-Control", "no-store");
    co_return response;
}

net::Response SessionDoor::logout(const net::Request& request) {
    if (const std::optional<std::string> id = cookie_of(request.headers, session_cookie)) {
        identity_.logout(*id, address_of(request));
    }
    net::Response response{.status = 204, .content_type = {}, .body = {}, .headers = {}};
    response.headers.set("Set-Cookie", cookie("", seconds{0}));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

net::Response SessionDoor::session(const net::Request& request) const {
    const std::optional<Caller>& caller = request.caller;
    net::Response response =
        net::json_response(200, json::Object{{"user", caller ? json::Value(caller->id) : json::Value()},
                                             {"kind", caller ? json::Value(caller->kind) : json::Value()},
                                             {"role", caller ? json::Value(caller->role) : json::Value()},
                                             {"is_demo", !identity_.is_required()},
                                             {"auth_required", identity_.is_required()},
                                             {"authenticated", caller.has_value()}});
    response.headers.set("Cache-Control", "no-store");
    return response;
}

net::RouteOptions open_to_all(const Operation& operation) {
    net::RouteOptions options = operation.options();
    options.max_body = login_bytes_max;
    return options;
}

}  // namespace

StillIn add_session_door(net::HttpServer& server, Identity& identity, SessionDoorOptions options) {
    const bool has_cors = !options.cors_origins.empty();
    const auto door = std::make_shared<SessionDoor>(identity, std::move(options));
    server.before(
        [door](net::Request& request, const net::RouteInfo* route) { return door->judge(request, route); });
    server.allow_origin([door](std::string_view origin, const net::Request& request) {
        return door->is_welcome(origin, request);
    });
    if (has_cors) {
        server.after([door](const net::Request& request, net::Response& response) {
            door->add_cors(request, response);
        });
    }
    net::RouteOptions for_login = open_to_all(
        Operation("none", "Begin a session")
            .about("Sets the cookie headroom_session. An unknown user and a wrong password get the same "
                   "answer in "
                   "the same time.")
            .takes_json(json::Object{{"type", "object"}, {"required", json::Array{"name", "password"}}},
                        R"({"name":"alex","password":"correct horse battery staple"})")
            .answers_like(200, "Signed in.", R"({"user":"alex","role":"operator"})")
            .fails({400, 401, 415, 422, 429}));
    for_login.media_types = {"application/json"};  // which no HTML form can send
    server.route(
        "POST", "/api/v1/login", [door](net::Request request) { return door->login(std::move(request)); },
        for_login);
    server.route(
        "POST", "/api/v1/logout",
        [door](net::Request request) -> Awaitable<net::Response> { co_return door->logout(request); },
        open_to_all(Operation("none", "End the session").answers_nothing(204, "Signed out.")));
    server.route(
        "GET", "/api/v1/session",
        [door](net::Request request) -> Awaitable<net::Response> { co_return door->session(request); },
        open_to_all(
            Operation("none", "Who is asking")
                .answers_like(200, "Members are null for a stranger.",
                              R"({"user":null,"kind":null,"role":null,"is_demo":true,"auth_required":false,
                                          "authenticated":true})")));
    return [door](const net::Request& request, std::string_view need) {
        return door->is_still_in(request, need);
    };
}

}  // namespace headroom::api
