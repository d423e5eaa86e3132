#include "net/plain_http.hpp"

#include "core/clock.hpp"
#include "net/loopback.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <utility>

#include <arpa/inet.h>
#include <sys/socket.h>

namespace headroom::net {
namespace {

using Tcp = asio::ip::tcp;

constexpr auto idle_max = seconds{60};  // below the usual idle limit of servers, ours included
constexpr std::size_t idle_per_host_max = 16;
constexpr std::size_t read_capacity = 80UL * 1024;  // more than the longest header

bool is_address(const std::string& host) {
    in6_addr address{};
    return ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool sends_body(const ClientRequest& request) {
    return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
           request.method == "PATCH";
}

void append_request_head(std::string& out, const ClientRequest& request, const Url& url,
                         const ClientSettings& settings) {
    out += request.method;
    out += ' ';
    out += url.target();
    out += " HTTP/1.1\r\nHost: ";
    out += url.authority();
    out += "\r\n";
    const auto add_unless_given = [&](std::string_view name, std::string_view value) {
        if (!request.headers.has(name)) {
            out.append(name).append(": ").append(value).append("\r\n");
        }
    };
    add_unless_given("User-Agent", settings.user_agent);
    add_unless_given("Accept", "*/*");
    for (const auto& [name, value] : request.headers.fields()) {
        out.append(name).append(": ").append(value).append("\r\n");
    }
    if (sends_body(request)) {
        add_unless_given("Content-Length", std::to_string(request.body.size()));
    }
    out += "\r\n";
}

}  // namespace

Error client_closing() {
    return Error{Errc::unavailable, "the HTTP client is closing", {}};
}

/// One request until its answer.
struct PlainHttp::Exchange {
    ClientRequest request;
    Url url;
    Done done;
    SteadyTime started{};
    SteadyTime deadline{};
    Held connection;
    Place place;
};

PlainHttp::PlainHttp(asio::any_io_executor executor, const ClientSettings& settings,
                     const PrivateTargets& targets)
    : executor_(std::move(executor)), settings_(settings), targets_(targets), timer_(executor_) {}

PlainHttp::~PlainHttp() {
    close();
}

bool PlainHttp::fits(const ClientRequest& request, const Url& url, const ClientSettings& settings) {
    // Fields of the caller's that say how the message is framed would be libcurl's to judge.
    return url.scheme == "http" && settings.proxy.empty() && !request.compressed && request.redirects == 0 &&
           request.retry.attempts <= 1 && is_address(url.host) && !request.headers.has("Host") &&
           !request.headers.has("Connection") && !request.headers.has("Transfer-Encoding") &&
           !request.headers.has("Content-Length") && !request.headers.has("Expect") &&
           !request.headers.has("Upgrade");
}

bool PlainHttp::send(ClientRequest& request, const Url& url, Done& done) {
    if (is_closed_) {
        return false;
    }
    Host& host = hosts_[url.authority()];
    Held kept = take_idle(host);
    if (!kept && host.open >= settings_.connections_per_host) {
        return false;
    }
    auto exchange = std::make_unique<Exchange>();
    exchange->request = std::move(request);
    exchange->url = url;
    exchange->done = std::move(done);
    exchange->started = steady_now();
    exchange->deadline = exchange->started + milliseconds{exchange->request.deadline_ms};
    exchange->connection = std::move(kept);
    const Place place = running_.insert(running_.end(), std::move(exchange));
    (*place)->place = place;
    arm_timer();
    if ((*place)->connection) {
        write(place);
    } else {
        connect(place);
    }
    return true;
}

/// The connection used last that its peer has not closed meanwhile.
PlainHttp::Held PlainHttp::take_idle(Host& host) {
    const SteadyTime now = steady_now();
    while (!host.idle.empty()) {
        Held held = std::move(host.idle.back());
        host.idle.pop_back();
        char byte = 0;
        const bool is_quiet = ::recv(held->socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
                              (errno == EAGAIN || errno == EWOULDBLOCK);
        if (is_quiet && held->idle_since + idle_max > now) {
            return held;
        }
        boost::system::error_code ignored;
        held->socket.close(ignored);
        --host.open;
    }
    return nullptr;
}

void PlainHttp::connect(Place place) {
    Exchange& exchange = **place;
    exchange.connection = std::make_shared<Connection>(executor_);
    ++hosts_[exchange.url.authority()].open;
    boost::system::error_code fault;
    const asio::ip::address address = asio::ip::make_address(exchange.url.host, fault);
    const Tcp::endpoint endpoint(address, exchange.url.port);
    if (fault) {
        finish(exchange, failure(exchange, fault.message()), false);
        return;
    }
    if (!is_public_address(endpoint.data()) && !targets_.allows(exchange.url.host, exchange.url.port)) {
        finish(
            exchange,
            Error{Errc::denied,
                  "request to " + exchange.url.authority() + " was not sent: its address " +
                      address.to_string() + " is not public and not on the list of allowed private targets",
                  {}},
            false);
        return;
    }
    Tcp::socket& socket = exchange.connection->socket;
    socket.open(endpoint.protocol(), fault);
    if (!fault) {
        socket.set_option(Tcp::no_delay(true), fault);
        socket.set_option(asio::socket_base::keep_alive(true), fault);
        socket.non_blocking(true, fault);
    }
    if (fault) {
        finish(exchange, failure(exchange, fault.message()), false);
        return;
    }
    socket.async_connect(endpoint, [weak = weak_from_this(), held = exchange.connection,
                                    place](const boost::system::error_code& refused) {
        const std::shared_ptr<PlainHttp> self = weak.lock();
        if (!self || !held->socket.is_open()) {
            return;  // ended meanwhile, and its place is gone
        }
        if (refused) {
            self->finish(**place, self->failure(**place, refused.message()), false);
            return;
        }
        send_unpaced_on_loopback(held->socket.native_handle());
        self->write(place);
    });
}

/// What fits the socket's buffer leaves here and now.
void PlainHttp::write(Place place) {
    Exchange& exchange = **place;
    Connection& connection = *exchange.connection;
    connection.parser.begin(exchange.request.max_response_bytes, exchange.request.method == "HEAD");
    connection.in.clear();
    connection.out.clear();
    append_request_head(connection.out, exchange.request, exchange.url, settings_);
    if (sends_body(exchange.request)) {
        connection.out += exchange.request.body;
    }
    boost::system::error_code fault;
    const std::size_t count = connection.socket.write_some(asio::buffer(connection.out), fault);
    if (fault && fault != asio::error::would_block) {
        broken(exchange, fault);
        return;
    }
    if (count < connection.out.size()) {
        connection.out.erase(0, count);
        go_on_writing(exchange);
    }
    read(exchange);
}

void PlainHttp::go_on_writing(Exchange& exchange) {
    const Held held = exchange.connection;
    held->is_writing = true;
    // A peer that refuses a long body answers before its end: whatever goes wrong here shows in the reading.
    asio::async_write(
        held->socket, asio::buffer(held->out),
        [held](const boost::system::error_code& fault, std::size_t) { held->is_writing = bool{fault}; });
}

void PlainHttp::read(Exchange& exchange) {
    Connection& connection = *exchange.connection;
    const InputBuffer::Room room = connection.in.room(read_capacity);
    HEADROOM_ASSERT(room.size > 0);  // the parser has taken a body, and refused a header so long
    connection.socket.async_read_some(
        asio::buffer(room.data, room.size),
        [weak = weak_from_this(), held = exchange.connection, place = exchange.place](
            const boost::system::error_code& fault, std::size_t count) {
            const std::shared_ptr<PlainHttp> self = weak.lock();
            if (self && held->socket.is_open()) {
                self->take(**place, count, fault);
            }
        });
}

void PlainHttp::take(Exchange& exchange, std::size_t count, const boost::system::error_code& fault) {
    Connection& connection = *exchange.connection;
    connection.in.received(count);
    if (!connection.in.empty()) {
        connection.in.use(connection.parser.put(connection.in.view()));
    }
    if (fault == asio::error::eof) {
        connection.parser.put_end();
    }
    switch (connection.parser.state()) {
        case ResponseParser::State::whole:
            answer(exchange);
            return;
        case ResponseParser::State::too_long:
            finish(exchange,
                   Error{Errc::invalid,
                         "answer from " + exchange.url.authority() + " is longer than the " +
                             std::to_string(exchange.request.max_response_bytes) + " bytes allowed",
                         {}},
                   false);
            return;
        case ResponseParser::State::malformed:
            finish(exchange,
                   failure(exchange,
                           fault == asio::error::eof ? "the answer breaks off" : "the answer is no HTTP/1.1"),
                   false);
            return;
        case ResponseParser::State::open:
            break;
    }
    if (fault) {
        broken(exchange, fault);
    } else {
        read(exchange);
    }
}

/// A kept connection may have been closed by its peer just as it was used again: nothing was answered, so the
/// request goes out once more on a new one.
void PlainHttp::broken(Exchange& exchange, const boost::system::error_code& fault) {
    if (exchange.connection->is_kept && !exchange.connection->parser.has_begun()) {
        boost::system::error_code ignored;
        exchange.connection->socket.close(ignored);
        --hosts_[exchange.url.authority()].open;
        connect(exchange.place);
        return;
    }
    finish(exchange,
           failure(exchange, fault == asio::error::eof ? "the connection was closed before the answer"
                                                       : fault.message()),
           false);
}

void PlainHttp::answer(Exchange& exchange) {
    Connection& connection = *exchange.connection;
    ClientResponse response = std::move(connection.parser.response());
    response.attempts = 1;
    response.elapsed_ms = milliseconds_between(exchange.started, steady_now());
    // Bytes behind the answer belong to no request of ours.
    const bool may_keep = connection.parser.keep_alive() && connection.in.empty() && !connection.is_writing;
    finish(exchange, std::move(response), may_keep);
}

void PlainHttp::finish(Exchange& exchange, Result<ClientResponse> result, bool may_keep) {
    Host& host = hosts_[exchange.url.authority()];
    Held held = std::move(exchange.connection);
    if (may_keep && !is_closed_ && host.idle.size() < idle_per_host_max) {
        held->is_kept = true;
        held->idle_since = steady_now();
        held->in.shrink();
        if (held->out.capacity() > kept_output_max) {
            held->out = std::string{};
        }
        host.idle.push_back(std::move(held));
    } else {
        boost::system::error_code ignored;
        held->socket.close(ignored);
        --host.open;
        if (host.open == 0) {
            hosts_.erase(exchange.url.authority());
        }
    }
    const Done done = std::move(exchange.done);
    running_.erase(exchange.place);
    done(std::move(result));
}

Error PlainHttp::failure(const Exchange& exchange, const std::string& why) const {
    return Error{Errc::unavailable, "request to " + exchange.url.authority() + " failed: " + why, {}};
}

/// A timer that would fire too early is left to do so and set anew then: most requests are answered long
/// before their deadline.
void PlainHttp::arm_timer() {
    if (running_.empty()) {
        return;
    }
    const auto next = std::min_element(running_.begin(), running_.end(), [](const auto& a, const auto& b) {
        return a->deadline < b->deadline;
    });
    const SteadyTime due = (*next)->deadline;
    if (timer_set_ && *timer_set_ <= due) {
        return;
    }
    timer_set_ = due;
    timer_.expires_at(due);
    timer_.async_wait([weak = weak_from_this(), set = due](const boost::system::error_code& fault) {
        const std::shared_ptr<PlainHttp> self = weak.lock();
        if (!fault && self && self->timer_set_ == set) {
            self->timer_set_.reset();
            self->end_late();
            self->arm_timer();
        }
    });
}

void PlainHttp::end_late() {
    const SteadyTime now = steady_now();
    std::vector<Place> late;
    for (auto place = running_.begin(); place != running_.end(); ++place) {
        if ((*place)->deadline <= now) {
            late.push_back(place);
        }
    }
    for (const Place place : late) {
        Exchange& exchange = **place;
        finish(exchange,
               Error{Errc::timeout,
                     "no answer from " + exchange.url.authority() + " within " +
                         std::to_string(exchange.request.deadline_ms) + " ms",
                     {}},
               false);
    }
}

void PlainHttp::close() {
    if (std::exchange(is_closed_, true)) {
        return;
    }
    while (!running_.empty()) {
        finish(*running_.front(), client_closing(), false);
    }
    for (auto& [name, host] : hosts_) {
        for (const Held& held : host.idle) {
            boost::system::error_code ignored;
            held->socket.close(ignored);
        }
    }
    hosts_.clear();
    timer_set_.reset();
    timer_.cancel();
}

}  // namespace headroom::net
