#pragma once

#include "core/caller.hpp"
#include "desk/identity/identity.hpp"
#include "net/http_server.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::api {

/// How strangers are told from guests.
struct SessionDoorOptions {
    std::vector<std::string> cors_origins;  ///< other pages that may use the API, as exact origins
    std::vector<std::string> names;         ///< hosts, besides those of loopback, by which we are called
    bool is_loopback = true;                ///< the server listens on loopback only
    bool is_behind_https = false;           ///< a proxy on this computer ends TLS: cookies are Secure and its
                                            ///< X-Forwarded-For says who calls
};

inline constexpr std::string_view session_cookie = "headroom_session";

/// Sets the hooks through which every request passes, and the routes `POST /api/v1/login`,
/// `POST /api/v1/logout` and `GET /api/v1/session`. `identity` outlives the server. Once, before `listen`.
///
/// In this order: on loopback a foreign Host is 421 (DNS rebinding); a CORS preflight is answered; a change,
/// a WebSocket or a sign-in from a foreign page is 403, and so is a change with a cookie but without Origin;
/// then the caller is found by bearer key ("Authorization" or subprotocol "bearer.…") or session cookie, 401;
/// then the route's role is asked for, 403. What is refused is written down (`auth.denied`, `api.denied`).
///
/// Routes of role "none" are open, those of role "peer" prove themselves by signature. Those of role "device"
/// ask for a key of that role once proof is asked for at all, but not from this computer itself (unless a
/// proxy on it ends TLS, for then everybody seems to come from here). A route with an unknown role is closed.
///
/// Answers a function that says whether the caller of an earlier request may still use what needs `need`: for
/// connections that stay open, whose session may have ended or whose key may have been revoked meanwhile.
using StillIn = std::function<bool(const net::Request& request, std::string_view need)>;
StillIn add_session_door(net::HttpServer& server, desk::identity::Identity& identity,
                         SessionDoorOptions options);

}  // namespace headroom::api
