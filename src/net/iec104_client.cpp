#include "net/iec104_client.hpp"

#include "net/as_result.hpp"
#include "net/input_buffer.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <utility>

namespace headroom::net {
namespace {

using boost::system::error_code;
namespace event = iec104::link_event;

constexpr std::size_t input_bytes_max = 64UL * 1024;

}  // namespace

class Iec104Client::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(asio::any_io_executor executor, Iec104Settings settings, Iec104Events events)
        : settings_(std::move(settings)),
          events_(std::move(events)),
          resolver_(executor),
          socket_(executor),
          watchdog_(executor),
          pause_(executor) {}

    void start() { spawn(socket_.get_executor(), run(shared_from_this())); }

    void stop() {
        if (std::exchange(is_stopping_, true)) {
            return;
        }
        if (link_.phase != iec104::Link::Phase::closed) {
            apply(event::Stop{});
            // Whoever leaves does not wait: what the kernel does not take at once is not said.
            error_code ignored;
            socket_.non_blocking(true, ignored);
            static_cast<void>(socket_.write_some(asio::buffer(out_), ignored));
        }
        error_code ignored;
        resolver_.cancel();
        socket_.close(ignored);
        ++watch_;
        watchdog_.cancel();
        pause_.cancel();
    }

  private:
    static Awaitable<void> run(std::shared_ptr<Impl> self) {
        milliseconds pause = self->settings_.reconnect_first;
        while (!self->is_stopping_) {
            self->was_started_ = false;
            co_await self->connection();
            if (self->is_stopping_) {
                co_return;
            }
            self->leave();
            pause = self->was_started_ ? self->settings_.reconnect_first : pause;
            self->pause_.expires_after(pause);
            co_await self->pause_.async_wait(as_result);
            pause = std::min(pause * 2, self->settings_.reconnect_longest);
        }
    }

    /// One connection, from its first packet to its end; `why_` says how it ended.
    Awaitable<void> connection() {
        why_.clear();
        const error_code refused = co_await connect();
        if (refused) {
            why_ = why_.empty() ? refused.message() : why_;
            co_return;
        }
        input_.clear();
        out_.clear();
        apply(event::Connected{});
        while (why_.empty() && !is_stopping_) {
            if (!out_.empty()) {
                co_await write();
                continue;
            }
            co_await read();
        }
        if (!is_stopping_ && !out_.empty()) {
            co_await write();  // the last acknowledgement, where it can still be said
        }
    }

    Awaitable<error_code> connect() {
        watch(steady_now() + settings_.t0, "no connection within t0");
        const auto [unresolved, endpoints] =
            co_await resolver_.async_resolve(settings_.host, std::to_string(settings_.port), as_result);
        error_code fault = unresolved;
        for (const auto& entry : endpoints) {
            if (is_stopping_ || !why_.empty()) {
                break;
            }
            error_code ignored;
            socket_.close(ignored);
            const auto [refused] = co_await socket_.async_connect(entry.endpoint(), as_result);
            fault = refused;
            if (!fault) {
                socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
                break;
            }
        }
        if (!fault && (is_stopping_ || !why_.empty())) {
            fault = asio::error::operation_aborted;
        }
        co_return fault;
    }

    Awaitable<void> write() {
        const std::string bytes = std::exchange(out_, {});
        watch(steady_now() + settings_.rules.t1, "the station takes nothing");
        const auto [fault, count] = co_await asio::async_write(socket_, asio::buffer(bytes), as_result);
        if (fault && why_.empty()) {
            why_ = fault.message();
        }
    }

    Awaitable<void> read() {
        // Only wakes up: the step after it knows what is late.
        watch(iec104::next_due(link_, settings_.rules), {});
        const InputBuffer::Room room = input_.room(input_bytes_max);
        const auto [fault, count] =
            co_await socket_.async_read_some(asio::buffer(room.data, room.size), as_result);
        if (is_stopping_) {
            co_return;
        }
        if (fault && fault != asio::error::operation_aborted) {
            why_ = fault == asio::error::eof ? "closed by the station" : fault.message();
            co_return;
        }
        input_.received(count);
        if (count > 0) {
            take_frames();
        }
        if (why_.empty() && !is_stopping_) {
            apply(event::TimePassed{});
        }
    }

    /// Cancels what is waited for at `due`; with a reason, the connection is over then.
    void watch(SteadyTime due, std::string why) {
        ++watch_;
        if (due == SteadyTime::max()) {
            watchdog_.cancel();
            return;
        }
        watchdog_.expires_at(due);
        watchdog_.async_wait(
            [weak = weak_from_this(), watch = watch_, why = std::move(why)](const error_code& cancelled) {
                const std::shared_ptr<Impl> self = weak.lock();
                // An expiry that was on its way already may concern what is over.
                if (cancelled || !self || self->watch_ != watch) {
                    return;
                }
                self->why_ = self->why_.empty() ? why : self->why_;
                self->resolver_.cancel();
                error_code ignored;
                self->socket_.cancel(ignored);
                if (!why.empty()) {
                    self->socket_.close(ignored);
                }
            });
    }

    void take_frames() {
        while (why_.empty() && !is_stopping_) {
            const Result<std::size_t> length = iec104::frame_length(input_.view());
            if (!length) {
                why_ = length.error().message;
                break;
            }
            if (*length == 0 || input_.view().size() < *length) {
                break;
            }
            const Result<iec104::Frame> frame = iec104::read_frame(input_.view().substr(0, *length));
            if (!frame) {
                why_ = frame.error().message;
                break;
            }
            apply(event::Arrived{*frame});
            input_.use(*length);
        }
        if (!is_stopping_) {
            events_.batch_end();
        }
    }

    void apply(const iec104::LinkEvent& what) {
        auto [next, effects] = iec104::step(std::move(link_), what, steady_now(), settings_.rules);
        link_ = std::move(next);
        out_ += effects.send;
        if (effects.close && why_.empty()) {
            why_ = *effects.close;
        }
        if (is_stopping_) {
            return;
        }
        if (effects.started) {
            was_started_ = true;
            events_.state(true, {});
        }
        if (effects.deliver) {
            deliver(std::get<iec104::IFrame>(std::get<event::Arrived>(what).frame).asdu);
        }
        for (const std::string& note : effects.notes) {
            events_.interrogated(false, note);
        }
        for (std::size_t i = 0; i < effects.interrogations_ended; ++i) {
            events_.interrogated(true, {});
        }
    }

    void deliver(std::string_view bytes) {
        const Result<void> read = iec104::read_asdu(bytes, asdu_);
        if (read) {
            events_.asdu(asdu_);
        } else {
            events_.refused(asdu_.header, read.error());
        }
    }

    void leave() {
        ++watch_;
        watchdog_.cancel();
        error_code ignored;
        socket_.close(ignored);
        link_ = {};
        events_.state(false, why_);
    }

    Iec104Settings settings_;
    Iec104Events events_;
    asio::ip::tcp::resolver resolver_;
    asio::ip::tcp::socket socket_;
    asio::steady_timer watchdog_;
    asio::steady_timer pause_;
    std::uint64_t watch_ = 0;  // which of the watches counts
    iec104::Link link_;
    InputBuffer input_;
    iec104::Asdu asdu_;
    std::string out_;
    std::string why_;
    bool was_started_ = false;
    bool is_stopping_ = false;
};

Iec104Client::Iec104Client(asio::any_io_executor executor, Iec104Settings settings, Iec104Events events)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(settings), std::move(events))) {}

Iec104Client::~Iec104Client() {
    impl_->stop();
}

void Iec104Client::start() {
    impl_->start();
}

void Iec104Client::stop() {
    impl_->stop();
}

}  // namespace headroom::net
