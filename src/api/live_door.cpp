#include "api/live_door.hpp"

#include "api/operation.hpp"
#include "desk/live_state.hpp"

#include <charconv>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace headroom::api {
namespace {

constexpr const char* reader_role = "viewer";
constexpr milliseconds sign_of_life{15'000};
constexpr milliseconds state_every{1000};

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_whole = fault == std::errc{} && end == text.data() + text.size() && !text.empty();
    return is_whole ? std::optional(value) : std::nullopt;
}

/// Where a reader begins, and what it is told first.
struct Begin {
    std::uint64_t next = 0;
    std::optional<std::string> first;
};

/// `type` with the last entry that there is and the next one that will be sent.
std::string notice(std::string_view type, std::uint64_t end) {
    return json::write(json::Object{
        {"type", type}, {"seq", end == 0 ? json::Value() : json::Value(end - 1)}, {"next_seq", end}});
}

Begin begin_of(desk::LiveLog& live, std::optional<std::uint64_t> since) {
    const std::uint64_t end = live.end();
    if (!since) {
        return {.next = end, .first = notice("hello", end)};
    }
    // Entries that never were are as far away as those long past: the reader knows another log.
    if (*since >= end || end - *since - 1 > desk::LiveLog::behind_max) {
        const bool is_current = *since + 1 == end;
        return is_current ? Begin{.next = end, .first = std::nullopt}
                          : Begin{.next = end, .first = notice("snapshot", end)};
    }
    return {.next = *since + 1, .first = std::nullopt};
}

/// Errors: `invalid` with "/since".
Result<std::optional<std::uint64_t>> since_of(const net::Request& request) {
    std::string text(request.headers.get("Last-Event-ID"));
    if (const std::optional<std::string> given = request.parameter("since")) {
        text = *given;
    }
    if (text.empty()) {
        return std::optional<std::uint64_t>{};
    }
    const std::optional<std::uint64_t> since = number_of(text);
    if (!since || *since > 9'007'199'254'740'991) {
        return Error{Errc::invalid, "since must be the number of the last entry seen", "/since"};
    }
    return since;
}

/// A reader that fell so far behind while it was connected is cut off; it resumes by number.
bool is_too_slow(const desk::LiveLog& live, std::uint64_t next) {
    return live.end() > next && live.end() - next > desk::LiveLog::behind_max;
}

/// Whether whoever opened this connection may still read: a session can end and a key be revoked meanwhile.
bool may_stay(const Door& door, const net::Request& request) {
    return !door.still_in || door.still_in(request, reader_role);
}

Awaitable<void> stream_log(std::shared_ptr<const Door> door, net::Request request,
                           net::StreamWriter& writer) {
    const Result<std::optional<std::uint64_t>> since = since_of(request);
    if (!since) {
        net::Response refused = net::problem_of(since.error(), request.path);
        static_cast<void>(co_await writer.respond(std::move(refused)));
        co_return;
    }
    desk::LiveLog& live = door->desk().live();
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto waiter = std::make_shared<desk::LiveLog::Waiter>(live, executor);
    Begin begin = begin_of(live, *since);
    net::Response head;
    head.content_type = "text/event-stream";
    head.headers.set("Cache-Control", "no-store");
    head.body = begin.first
                    ? net::sse_event(*begin.first, {}, std::to_string(begin.next == 0 ? 0 : begin.next - 1))
                    : net::sse_comment("open");
    writer.on_close([weak = std::weak_ptr(waiter)] {
        if (const auto waiting = weak.lock()) {
            waiting->wake();
        }
    });
    std::uint64_t next = begin.next;
    Result<void> written = co_await writer.start(std::move(head));
    while (written && !writer.closed() && !is_too_slow(live, next) && may_stay(*door, request)) {
        const Result<std::vector<desk::LiveEntry>> entries = co_await live.read(next);
        if (!entries) {
            co_return;  // the log does not read back: the reader tries again
        }
        std::string bytes;
        for (const desk::LiveEntry& entry : *entries) {
            bytes += net::sse_event(*entry.json, {}, std::to_string(entry.seq));
            next = entry.seq + 1;
        }
        if (bytes.empty()) {
            co_await waiter->wait(next, sign_of_life);
            if (live.end() > next || writer.closed()) {
                continue;
            }
            bytes = net::sse_comment("still here");
        }
        written = co_await writer.write(std::move(bytes));
    }
}

/// Reads what a client sends (nothing of it matters) until it goes, then wakes who writes to it.
Awaitable<void> watch(std::shared_ptr<net::WebSocket> socket, std::function<void()> gone) {
    for (;;) {
        const Result<std::string> message = co_await socket->read();
        if (!message) {
            gone();
            co_return;
        }
    }
}

Awaitable<void> send_log(std::shared_ptr<const Door> door, net::Request request,
                         std::shared_ptr<net::WebSocket> socket) {
    const Result<std::optional<std::uint64_t>> since = since_of(request);
    if (!since) {
        socket->close(1008, since.error().message);
        co_return;
    }
    desk::LiveLog& live = door->desk().live();
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto waiter = std::make_shared<desk::LiveLog::Waiter>(live, executor);
    std::function<void()> gone = [weak = std::weak_ptr(waiter)] {
        if (const auto waiting = weak.lock()) {
            waiting->wake();
        }
    };
    spawn(executor, watch(socket, std::move(gone)));
    Begin begin = begin_of(live, *since);
    if (begin.first) {
        std::string first = std::move(*begin.first);
        static_cast<void>(co_await socket->send(std::move(first)));
    }
    std::uint64_t next = begin.next;
    while (socket->is_open()) {
        if (!may_stay(*door, request)) {
            socket->close(1008, "sign in again");
            co_return;
        }
        if (is_too_slow(live, next)) {
            socket->close(1013, "too slow: resume with since=" + std::to_string(next == 0 ? 0 : next - 1));
            co_return;
        }
        const Result<std::vector<desk::LiveEntry>> entries = co_await live.read(next);
        if (!entries) {
            socket->close(1011, "the log could not be read");
            co_return;
        }
        for (const desk::LiveEntry& entry : *entries) {
            std::string bytes = *entry.json;
            const Result<void> sent = co_await socket->send(std::move(bytes));
            if (!sent) {
                co_return;
            }
            next = entry.seq + 1;
        }
        if (entries->empty()) {
            co_await waiter->wait(next, sign_of_life);
        }
    }
}

/// Messages of /ws/state, each made at most once a second and shared by all clients.
class StateHub {
  public:
    explicit StateHub(std::shared_ptr<const Door> door) : door_(std::move(door)) {}

    const Door& door() const { return *door_; }

    std::shared_ptr<const std::string> header() {
        return fresh(header_, [this] {
            desk::Desk& desk = door_->desk();
            return desk::header_message(desk.parts(), desk.mode(), desk.feeders());
        });
    }
    std::shared_ptr<const std::string> feeders() {
        if (const std::uint64_t version = layout_version(); version != feeders_layout_) {
            feeders_layout_ = version;
            feeders_ = {};  // arrays in the order of a layout that is no more
        }
        return fresh(feeders_, [this] {
            desk::Desk& desk = door_->desk();
            return desk::feeders_message(desk.parts(), desk.feeders());
        });
    }
    std::string layout() {
        desk::Desk& desk = door_->desk();
        return desk::layout_message(desk.parts(), desk.feeders());
    }
    std::uint64_t layout_version() { return door_->desk().feeders().layout_version(); }

  private:
    struct Kept {
        SteadyTime at{};
        std::shared_ptr<const std::string> bytes;
    };
    template <class Make>
    static std::shared_ptr<const std::string> fresh(Kept& kept, Make make) {
        // A little less than a second, so that a client's own rhythm never gets the same bytes twice.
        constexpr std::chrono::milliseconds old{900};
        const SteadyTime now = steady_now();
        if (!kept.bytes || now - kept.at >= old) {
            kept = {now, std::make_shared<const std::string>(make())};
        }
        return kept.bytes;
    }

    std::shared_ptr<const Door> door_;
    Kept header_;
    Kept feeders_;
    std::uint64_t feeders_layout_ = 0;
};

Result<std::set<std::string>> topics_of(const net::Request& request) {
    const std::string given = request.parameter("topics").value_or("header,feeders");
    std::set<std::string> topics;
    for (std::size_t begin = 0; begin <= given.size();) {
        const std::size_t end = std::min(given.find(',', begin), given.size());
        const std::string topic = given.substr(begin, end - begin);
        if (topic != "header" && topic != "feeders") {
            return Error{Errc::invalid, "topics are header and feeders", "/topics"};
        }
        topics.insert(topic);
        begin = end + 1;
    }
    return topics;
}

Awaitable<void> send_state(std::shared_ptr<StateHub> hub, net::Request request,
                           std::shared_ptr<net::WebSocket> socket) {
    const Result<std::set<std::string>> topics = topics_of(request);
    if (!topics) {
        socket->close(1008, topics.error().message);
        co_return;
    }
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto timer = std::make_shared<asio::steady_timer>(executor);
    spawn(executor, watch(socket, [timer] { timer->cancel(); }));
    const bool wants_feeders = topics->contains("feeders");
    std::uint64_t told_layout = 0;
    while (socket->is_open()) {
        if (!may_stay(hub->door(), request)) {
            socket->close(1008, "sign in again");
            co_return;
        }
        timer->expires_after(state_every);
        if (wants_feeders && told_layout != hub->layout_version()) {
            told_layout = hub->layout_version();
            std::string layout = hub->layout();
            const Result<void> sent = co_await socket->send(std::move(layout));
            if (!sent) {
                co_return;
            }
        }
        if (topics->contains("header")) {
            std::string bytes = *hub->header();
            const Result<void> sent = co_await socket->send(std::move(bytes));
            if (!sent) {
                co_return;
            }
        }
        if (wants_feeders) {
            std::string bytes = *hub->feeders();
            const Result<void> sent = co_await socket->send(std::move(bytes));
            if (!sent) {
                co_return;
            }
        }
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await timer->async_wait(token);
    }
}

net::RouteOptions with_limits(const Operation& operation) {
    net::RouteOptions options = operation.options();
    options.protocols = {"headroom"};
    options.websocket.idle_timeout = 2 * sign_of_life;  // pinged at half of it
    options.websocket.outbox_bytes = 4UL << 20U;
    return options;
}

constexpr const char* log_words =
    "Each message is {seq, at, type, data:{event_id, feeder_id, state, outcome, text}}; seq is the number of "
    "the audit "
    "entry, so it grows by one. Without `since`: {type:hello, seq, next_seq} first, then new entries. More "
    "than 10,000 "
    "behind: {type:snapshot, seq, next_seq} first; reload, and go on with next_seq. ";

Operation log_operation(const char* summary, const char* words) {
    return Operation("viewer", summary)
        .about(std::string(log_words) + words)
        .query("since", "Number of the last entry seen.", number_schema(0, 9'007'199'254'740'991), "0");
}

}  // namespace

void add_live(net::HttpServer& server, const std::shared_ptr<const Door>& door) {
    server.stream(
        "GET", "/api/v1/stream",
        [door](net::Request request, net::StreamWriter& writer) {
            return stream_log(door, std::move(request), writer);
        },
        log_operation("Every audit entry as a server-sent event",
                      "A reader that falls that far behind is cut off and resumes with Last-Event-ID.")
            .answers_text(200, "Events without end.", "text/event-stream")
            .fails({422})
            .options());
    server.websocket(
        "/ws",
        [door](net::Request request, std::shared_ptr<net::WebSocket> socket) {
            return send_log(door, std::move(request), std::move(socket));
        },
        with_limits(log_operation(
            "Every audit entry, gap-free, over a WebSocket",
            "A reader that falls that far behind is closed with 1013 and resumes with since.")));
    const auto hub = std::make_shared<StateHub>(door);
    server.websocket(
        "/ws/state",
        [hub](net::Request request, std::shared_ptr<net::WebSocket> socket) {
            return send_state(hub, std::move(request), std::move(socket));
        },
        with_limits(
            Operation("viewer", "Header and loads of all feeders once a second, the newest only")
                .about(
                    "{topic:header, …} as GET /api/v1/status; {topic:layout, version, feeder_ids} first and "
                    "when the network changes; {topic:feeders, version, at, load_kw, limit_kw, phase, stale, "
                    "expected_share, covered} in the layout's order.")
                .query("topics", "header, feeders, or both separated by a comma.", text_schema(64))));
}

}  // namespace headroom::api
