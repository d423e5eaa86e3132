#include "net/http_connection.hpp"

#include "net/as_result.hpp"

#include <array>
#include <charconv>
#include <limits>

#include <sys/socket.h>

namespace headroom::net {
namespace {

constexpr std::size_t body_capacity = 64UL * 1024;
constexpr std::size_t joined_write_max = 16UL * 1024;
constexpr std::size_t linger_bytes_max = 1024UL * 1024;
constexpr auto linger_time = seconds{2};
constexpr unsigned without_pause_max = 64;

bool takes_media_type(const RouteOptions& options, const Request& request, bool has_body) {
    if (options.media_types.empty()) {
        return true;
    }
    std::string_view type = request.headers.get("Content-Type");
    if (type.empty()) {
        return !has_body;
    }
    type = type.substr(0, type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t')) {
        type.remove_suffix(1);
    }
    return std::any_of(options.media_types.begin(), options.media_types.end(),
                       [&](const std::string& known) { return same_but_case(known, type); });
}

/// Splits the target of a request line into path and query, in origin form or absolute form.
void split_target(Request& request, std::string_view& query) {
    std::string_view target = request.target;
    if (target.starts_with("http://") || target.starts_with("https://")) {
        const std::size_t path = target.find_first_of("/?", target.find("://") + 3);
        target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
    }
    const std::size_t question = target.find('?');
    request.path = std::string(target.substr(0, question));
    query = question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);
}

Response refusal(int status, std::string_view detail, const Request& request) {
    return problem(status, status_phrase(status), detail, {}, request.path);
}

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<ServerCore> core, Socket socket)
    : core_(std::move(core)), socket_(std::move(socket)), parser_(core_->limits.header_bytes) {
    boost::system::error_code ignored;
    const auto peer = socket_.remote_endpoint(ignored);
    remote_address_ = ignored ? std::string{} : peer.address().to_string();
    place_ = core_->connections.insert(core_->connections.end(), this);
}

HttpConnection::~HttpConnection() {
    core_->connections.erase(place_);
    if (core_->connections.empty()) {
        core_->drained.cancel();
    }
}

void HttpConnection::enter(Phase phase) {
    phase_ = phase;
    expired_ = false;
    const ServerLimits& limits = core_->limits;
    switch (phase) {
        case Phase::idle:
            deadline_ = steady_now() + limits.idle_timeout;
            break;
        case Phase::header:
            deadline_ = steady_now() + limits.header_timeout;
            break;
        case Phase::body:
            deadline_ = steady_now() + limits.body_timeout;
            break;
        case Phase::writing:
            deadline_ = steady_now() + limits.write_timeout;
            break;
        case Phase::lingering:
            deadline_ = steady_now() + linger_time;
            break;
        case Phase::handling:
            deadline_ = SteadyTime::max();
            break;
    }
}

void HttpConnection::expire(SteadyTime now) {
    if (deadline_ > now) {
        return;
    }
    deadline_ = SteadyTime::max();
    expired_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void HttpConnection::drain() {
    if (websocket_) {
        websocket_->close(1001, "server is going away");
    } else if (streaming_) {
        peer_gone();
    } else if (phase_ == Phase::idle || phase_ == Phase::lingering) {
        close();
    }
}

void HttpConnection::abort() {
    if (websocket_) {
        websocket_->abort();
    }
    peer_gone();
    close();
}

void HttpConnection::close() {
    open_ = false;
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
}

void HttpConnection::peer_gone() {
    gone_ = true;
    if (on_close_) {
        const auto action = std::exchange(on_close_, nullptr);
        action();
    }
}

void HttpConnection::observe(int status) {
    if (core_->observe) {
        const double elapsed = std::chrono::duration<double>(steady_now() - started_).count();
        core_->observe(route_ == nullptr ? nullptr : &route_->info, status, elapsed);
    }
}

Awaitable<bool> HttpConnection::receive(std::size_t capacity) {
    const InputBuffer::Room room = in_.room(capacity);
    if (room.size == 0 || !open_) {
        co_return false;
    }
    without_pause_ = 0;
    const auto [fault, count] =
        co_await socket_.async_read_some(asio::buffer(room.data, room.size), as_result);
    in_.received(count);
    co_return !fault && open_;
}

Awaitable<bool> HttpConnection::send(std::string_view first, std::string_view second) {
    // Most answers fit the socket's buffer: written here and now they cost no turn of the scheduler.
    std::array<asio::const_buffer, 2> parts{asio::buffer(first), asio::buffer(second)};
    boost::system::error_code fault;
    while (open_) {
        const std::size_t count = socket_.write_some(parts, fault);
        const std::size_t of_first = std::min(count, parts[0].size());
        parts[0] += of_first;
        parts[1] += count - of_first;
        if (parts[0].size() + parts[1].size() == 0) {
            co_return true;
        }
        if (fault && fault != asio::error::would_block) {
            co_return false;
        }
        if (fault) {
            enter(Phase::writing);
            const auto [waited] = co_await socket_.async_wait(Socket::wait_write, as_result);
            if (waited) {
                co_return false;
            }
        }
    }
    co_return false;
}

Awaitable<void> HttpConnection::run() {
    const auto self = shared_from_this();
    boost::system::error_code fault;
    socket_.non_blocking(true, fault);
    while (open_ && !fault) {
        const bool ready = co_await read_head();
        if (!ready) {
            break;
        }
        const bool keep = co_await answer();
        if (!keep) {
            break;
        }
        if (++without_pause_ >= without_pause_max) {
            // A peer that pipelines without end must not keep everyone else waiting.
            without_pause_ = 0;
            co_await asio::post(socket_.get_executor(), asio::use_awaitable);
        }
    }
    close();
}

Awaitable<bool> HttpConnection::read_head() {
    parser_.reset();
    route_ = nullptr;
    head_.reset();
    is_head_method_ = false;
    keep_ = false;
    in_.shrink();
    enter(in_.empty() ? Phase::idle : Phase::header);
    if (core_->draining && in_.empty()) {
        co_return false;
    }
    while (true) {
        if (!in_.empty()) {
            if (phase_ == Phase::idle) {
                enter(Phase::header);
            }
            in_.use(parser_.put(in_.view()));
            if (parser_.fault() || parser_.header_done()) {
                break;
            }
        }
        const bool received = co_await receive(core_->limits.header_bytes + body_capacity);
        if (!received) {
            if (expired_ && phase_ == Phase::header) {
                started_ = steady_now();
                Response response = timed_out();
                co_await refuse(std::move(response));
            }
            co_return false;
        }
    }
    started_ = steady_now();
    if (parser_.fault()) {
        Response response = refusal(*parser_.fault(), parser_.fault_text(), parser_.request());
        co_await refuse(std::move(response));
        co_return false;
    }
    co_return true;
}

Response HttpConnection::timed_out() const {
    const std::string what = phase_ == Phase::header ? "header" : "body";
    return problem(408, status_phrase(408), "the request's " + what + " did not arrive in time");
}

std::optional<Response> HttpConnection::judge(Request& request) {
    request.remote_address = remote_address_;
    std::string_view query;
    split_target(request, query);
    auto pairs = parse_query(query);
    if (!pairs) {
        return refusal(400, pairs.error().message, request);
    }
    request.query = std::move(*pairs);
    is_head_method_ = request.method == "HEAD";

    const bool asterisk = request.target == "*" && request.method == "OPTIONS";
    auto match = asterisk ? Result<Router::Match>(
                                Router::Match{.route = nullptr, .allow = "GET, OPTIONS", .parameters = {}})
                          : core_->router.find(request.method, request.path);
    if (!match) {
        return refusal(400, match.error().message, request);
    }
    route_ = match->route;
    request.path_parameters = std::move(match->parameters);
    if (core_->after) {
        head_ = request;
    }
    if (core_->before) {
        if (auto answer = core_->before(request, route_ == nullptr ? nullptr : &route_->info)) {
            return answer;
        }
    }
    if (route_ != nullptr) {
        return judge_body(request);
    }
    if (match->allow.empty()) {
        return refusal(404, "there is no " + request.path + " here", request);
    }
    Response response =
        request.method == "OPTIONS"
            ? Response{.status = 204, .content_type = {}, .body = {}, .headers = {}}
            : refusal(405, request.path + " does not know the method " + request.method, request);
    response.headers.set("Allow", std::move(match->allow));
    return response;
}

std::optional<Response> HttpConnection::judge_body(const Request& request) const {
    const RouteOptions& options = route_->info.options;
    if (route_->info.kind == RouteKind::websocket) {
        if (!parser_.wants_websocket()) {
            Response response = refusal(426, request.path + " speaks WebSocket only", request);
            response.headers.set("Upgrade", "websocket");
            return response;
        }
        const std::string_view origin = request.headers.get("Origin");
        if (!origin.empty()) {
            const std::size_t host = origin.find("://");
            const bool same = host != std::string_view::npos &&
                              same_but_case(origin.substr(host + 3), request.headers.get("Host"));
            const bool allowed = core_->allow_origin ? core_->allow_origin(origin, request) : same;
            if (!allowed) {
                return refusal(403, "pages of " + std::string(origin) + " may not connect here", request);
            }
        }
        return std::nullopt;
    }
    const bool has_body = !parser_.done();
    if (!takes_media_type(options, request, has_body)) {
        std::string known;
        for (const std::string& type : options.media_types) {
            known += (known.empty() ? "" : ", ") + type;
        }
        return refusal(415, "the body's media type must be " + known, request);
    }
    const bool unlimited = route_->info.kind == RouteKind::upload && options.max_body == 0;
    const std::uint64_t limit = options.max_body > 0 ? options.max_body : core_->limits.body_bytes;
    if (!unlimited && parser_.content_length().value_or(0) > limit) {
        return refusal(413, "the body is longer than " + std::to_string(limit) + " bytes", request);
    }
    return std::nullopt;
}

Awaitable<bool> HttpConnection::answer() {
    Request& parsed = parser_.request();
    keep_ = parser_.keep_alive();
    continue_due_ = parser_.expects_continue() && !parser_.done();
    if (auto refused = judge(parsed)) {
        if (!parser_.done()) {
            co_await refuse(std::move(*refused));
            co_return false;
        }
        co_return co_await finish(std::move(*refused));
    }

    const RouteOptions& options = route_->info.options;
    Request request = std::move(parsed);
    if (route_->info.kind == RouteKind::websocket) {
        co_await run_websocket(std::get<WebSocketHandler>(route_->handler), std::move(request));
        co_return false;
    }
    if (route_->info.kind == RouteKind::upload) {
        piece_limit_ = options.max_body > 0 ? options.max_body : std::numeric_limits<std::uint64_t>::max();
        enter(Phase::handling);
        Response response = co_await std::get<UploadHandler>(route_->handler)(std::move(request), *this);
        if (!parser_.done()) {
            co_await refuse(std::move(response));
            co_return false;
        }
        co_return co_await finish(std::move(response));
    }
    if (!parser_.done()) {
        const bool complete = co_await read_body(
            request.body, options.max_body > 0 ? options.max_body : core_->limits.body_bytes);
        if (!complete) {
            co_return false;
        }
    }
    enter(Phase::handling);
    if (route_->info.kind == RouteKind::stream) {
        co_return co_await run_stream(std::get<StreamHandler>(route_->handler), std::move(request));
    }
    Response response = co_await std::get<Handler>(route_->handler)(std::move(request));
    co_return co_await finish(std::move(response));
}

Awaitable<void> HttpConnection::send_continue() {
    if (continue_due_) {
        continue_due_ = false;
        co_await send("HTTP/1.1 100 Continue\r\n\r\n");
    }
}

Awaitable<bool> HttpConnection::read_body(std::string& into, std::uint64_t limit) {
    if (continue_due_) {
        co_await send_continue();
    }
    enter(Phase::body);
    parser_.body_to(&into, limit);
    into.reserve(static_cast<std::size_t>(
        std::min<std::uint64_t>(parser_.content_length().value_or(0), body_capacity)));
    while (!parser_.done()) {
        if (!in_.empty()) {
            in_.use(parser_.put(in_.view()));
            if (parser_.fault()) {
                Response response =
                    problem(*parser_.fault(), status_phrase(*parser_.fault()), parser_.fault_text());
                co_await refuse(std::move(response));
                co_return false;
            }
            if (parser_.done()) {
                break;
            }
        }
        const bool received = co_await receive(body_capacity);
        if (!received) {
            if (expired_) {
                Response response = timed_out();
                co_await refuse(std::move(response));
            }
            co_return false;
        }
    }
    co_return true;
}

Awaitable<Result<std::string_view>> HttpConnection::read_some() {
    piece_.clear();
    parser_.body_to(&piece_, piece_limit_);
    if (continue_due_) {
        co_await send_continue();
    }
    while (!parser_.done()) {
        if (parser_.fault()) {
            co_return Error{Errc::invalid, parser_.fault_text(), {}};
        }
        if (!in_.empty()) {
            in_.use(parser_.put(in_.view()));
            if (!piece_.empty()) {
                break;
            }
            if (parser_.done() || parser_.fault()) {
                continue;
            }
        }
        enter(Phase::body);
        const bool received = co_await receive(body_capacity);
        const bool late = expired_;
        enter(Phase::handling);
        if (!received) {
            co_return late ? Error{Errc::timeout, "the body did not arrive in time", {}}
                           : Error{Errc::unavailable, "the peer went away before the body's end", {}};
        }
    }
    co_return std::string_view(piece_);
}

Awaitable<bool> HttpConnection::finish(Response response) {
    if (core_->after && head_) {
        core_->after(*head_, response);
    }
    keep_ = keep_ && !core_->draining;
    const bool bodiless = response.status == 204 || response.status == 304;
    out_.clear();
    append_head(out_, response, core_->date(),
                {.length = bodiless ? std::nullopt : std::optional<std::uint64_t>(response.body.size()),
                 .chunked = false,
                 .close = !keep_,
                 .http_1_0 = parser_.is_http_1_0()});
    std::string_view body =
        is_head_method_ || bodiless ? std::string_view{} : std::string_view(response.body);
    if (body.size() <= joined_write_max) {
        out_ += body;
        body = {};
    }
    const bool sent = co_await send(out_, body);
    if (out_.capacity() > kept_output_max) {
        out_ = std::string{};
    }
    observe(response.status);
    co_return sent&& keep_;
}

Awaitable<void> HttpConnection::refuse(Response response) {
    keep_ = false;
    const bool unread = !parser_.done();
    co_await finish(std::move(response));
    if (unread) {
        co_await linger();
    }
}

Awaitable<void> HttpConnection::linger() {
    // A close with unread bytes makes the kernel send a reset, which can destroy the answer on its way; so
    // the peer is given a moment to read it and to stop sending.
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    enter(Phase::lingering);
    std::size_t dropped = 0;
    while (dropped < linger_bytes_max) {
        in_.clear();
        const bool received = co_await receive(body_capacity);
        if (!received) {
            co_return;
        }
        dropped += in_.view().size();
    }
}

}  // namespace headroom::net
