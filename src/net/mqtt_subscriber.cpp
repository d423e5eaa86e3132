#include "net/mqtt_subscriber.hpp"

#include "core/clock.hpp"
#include "net/mqtt_pace.hpp"
#include "net/mqtt_pieces.hpp"
#include "net/mqtt_session.hpp"
#include "net/read_pace.hpp"
#include "net/tcp_connect.hpp"
#include "net/thread_signals.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace headroom::net {
namespace {

constexpr auto upkeep_every = milliseconds{500};  // at pings and deadlines
constexpr std::size_t pieces = 8;
constexpr std::size_t piece_bytes = 256UL * 1024;
/// So much is handed over without a rest at most, or the broker waits too long for its answers.
constexpr std::size_t bytes_between_rests = 4 * piece_bytes;

}  // namespace

/// The two threads: `read_all` and `take_all`.
class MqttSubscriber::Loop {
  public:
    Loop(MqttSubscriberSettings settings, Handlers handlers)
        : settings_(std::move(settings)),
          handlers_(std::move(handlers)),
          wake_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
          pieces_(pieces, piece_bytes) {
        HEADROOM_ASSERT(wake_fd_.get() >= 0);
    }
    ~Loop() { stop(); }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    Result<void> start() {
        HEADROOM_ASSERT(!reader_.joinable());
        if (const Result<void> good = check(settings_); !good) {
            return good;
        }
        taker_ = std::thread([this] { take_all(); });
        reader_ = std::thread([this] { read_all(); });
        return {};
    }

    void stop() {
        stopping_ = true;
        wake_reader();
        if (reader_.joinable()) {
            reader_.join();  // which waits for the taker
        }
    }

    [[nodiscard]] Counts counts() const {
        return {.messages = messages_.load(std::memory_order_relaxed),
                .payload_bytes = payload_bytes_.load(std::memory_order_relaxed),
                .oversize = oversize_.load(std::memory_order_relaxed),
                .connections = connections_.load(std::memory_order_relaxed),
                .connected = is_connected_.load(std::memory_order_relaxed)};
    }

  private:
    void wake_reader() const {
        const std::uint64_t one = 1;
        static_cast<void>(::write(wake_fd_.get(), &one, sizeof one));  // full: a wake-up is pending already
    }

    void read_all();
    bool open();
    void serve();
    Result<void> turn(MqttPiece*& piece);
    void wait(bool is_reading);
    void keep_pace(std::size_t bytes);
    void send_answers();
    void tell(bool connected);
    void pause(milliseconds time) const;

    void take_all();
    void take(const MqttPiece& piece, std::vector<std::uint16_t>& ids);
    void answer_later(std::uint64_t connection, std::vector<std::uint16_t>& ids);

    const MqttSubscriberSettings settings_;
    const Handlers handlers_;
    const Descriptor wake_fd_;
    std::atomic<bool> stopping_ = false;
    // One writer each: plain stores, so that counting a message costs no locked instruction.
    std::atomic<std::uint64_t> messages_ = 0;
    std::atomic<std::uint64_t> payload_bytes_ = 0;
    std::atomic<std::uint64_t> oversize_ = 0;
    std::atomic<std::uint64_t> connections_ = 0;
    std::atomic<bool> is_connected_ = false;

    MqttPieces pieces_;
    std::mutex answering_;
    std::vector<std::uint16_t> answers_;  // packets taken in, of the connection that is `answers_of_`
    std::uint64_t answers_of_ = 0;

    // Of the reader alone.
    std::unique_ptr<MqttSession> session_;
    ReadPace pace_;
    std::uint64_t connection_ = 0;
    std::vector<std::uint16_t> answering_now_;
    std::string why_;
    std::optional<bool> told_;

    std::thread taker_;
    std::thread reader_;
};

bool MqttSubscriber::Loop::open() {
    why_.clear();
    Result<std::unique_ptr<ByteStream>> stream =
        ByteStream::connect({.host = settings_.host,
                             .port = settings_.port,
                             .ca_file = settings_.ca_file,
                             .cert_file = settings_.cert_file,
                             .key_file = settings_.key_file},
                            settings_.connect_timeout, wake_fd_.get(),
                            [this] { return stopping_.load(std::memory_order_relaxed); });
    if (!stream) {
        why_ = "the MQTT broker is not reached: " + stream.error().message;
        return false;
    }
    connection_ += 1;
    session_ = std::make_unique<MqttSession>(settings_, std::move(*stream), connection_);
    pace_ = {};
    return true;
}

void MqttSubscriber::Loop::wait(bool is_reading) {
    const auto events =
        static_cast<short>((is_reading ? POLLIN : 0) | (session_->has_to_write() ? POLLOUT : 0));
    std::array<pollfd, 2> files{pollfd{.fd = wake_fd_.get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = session_->descriptor(), .events = events, .revents = 0}};
    // A broken connection that is not read is told by POLLHUP all the same: then only the taker is waited
    // for.
    const nfds_t count = events == 0 ? 1 : files.size();
    const std::chrono::nanoseconds longest =
        is_reading && pace_.is_flood() ? std::chrono::nanoseconds(ReadPace::wait_max) : upkeep_every;
    const timespec timeout{.tv_sec = 0, .tv_nsec = longest.count()};
    static_cast<void>(::ppoll(files.data(), count, &timeout, nullptr));
    if ((files[0].revents & POLLIN) != 0) {
        std::uint64_t counted = 0;
        static_cast<void>(::read(wake_fd_.get(), &counted, sizeof counted));
    }
}

/// Lets `wait` be woken by the first byte, or in a flood by many.
void MqttSubscriber::Loop::keep_pace(std::size_t bytes) {
    if (pace_.note(bytes, steady_now())) {
        const int awaited = pace_.is_flood() ? static_cast<int>(ReadPace::flood_bytes) : 1;
        // Where it is not taken, every packet wakes us, as before.
        static_cast<void>(
            ::setsockopt(session_->descriptor(), SOL_SOCKET, SO_RCVLOWAT, &awaited, sizeof awaited));
    }
}

/// One look at the connection, with a piece to read into or none.
Result<void> MqttSubscriber::Loop::turn(MqttPiece*& piece) {
    if (piece == nullptr) {
        piece = pieces_.take_free();
    }
    send_answers();
    if (Result<void> written = session_->write(); !written) {
        return written;
    }
    wait(piece != nullptr);
    if (piece != nullptr) {
        const std::size_t filled_before = piece->filled;
        Result<void> read = session_->read(*piece);
        keep_pace(piece->filled - filled_before);
        if (!piece->messages.empty()) {
            pieces_.hand_over(std::exchange(piece, nullptr));
        }
        if (!read) {
            return read;
        }
    }
    return session_->keep_alive(steady_now(), piece != nullptr);
}

void MqttSubscriber::Loop::serve() {
    MqttPiece* piece = nullptr;
    while (!stopping_.load(std::memory_order_relaxed)) {
        if (const Result<void> turned = turn(piece); !turned) {
            why_ = turned.error().message;
            break;
        }
        if (!session_->is_subscribed()) {
            if (steady_now() > session_->answer_due()) {
                why_ = "the MQTT broker " + settings_.host + ":" + std::to_string(settings_.port) +
                       " did not answer CONNECT and SUBSCRIBE in time";
                break;
            }
        } else if (!is_connected_.load(std::memory_order_relaxed)) {
            connections_.fetch_add(1, std::memory_order_relaxed);
            tell(true);
        }
    }
    if (piece != nullptr) {
        pieces_.put_back(piece);
    }
}

void MqttSubscriber::Loop::send_answers() {
    {
        const std::lock_guard lock(answering_);
        if (answers_of_ == session_->connection()) {
            answering_now_.swap(answers_);
        }
        answers_.clear();
    }
    session_->answer_for(answering_now_);
    answering_now_.clear();
}

void MqttSubscriber::Loop::tell(bool connected) {
    is_connected_.store(connected, std::memory_order_relaxed);
    if (told_ != connected && handlers_.state) {
        handlers_.state(connected, connected ? std::string{} : why_);
    }
    told_ = connected;
}

void MqttSubscriber::Loop::pause(milliseconds time) const {
    pollfd file{.fd = wake_fd_.get(), .events = POLLIN, .revents = 0};
    const SteadyTime until = steady_now() + time;
    while (!stopping_.load(std::memory_order_relaxed) && steady_now() < until) {
        const auto left = std::chrono::ceil<milliseconds>(until - steady_now());
        if (::poll(&file, 1, static_cast<int>(std::max<std::int64_t>(0, left.count()))) > 0) {
            std::uint64_t counted = 0;
            static_cast<void>(::read(wake_fd_.get(), &counted, sizeof counted));
        }
    }
}

void MqttSubscriber::Loop::read_all() {
    block_signals_in_this_thread();
    name_this_thread("mqtt-read");
    milliseconds delay = settings_.reconnect_first;
    while (!stopping_.load(std::memory_order_relaxed)) {
        if (open()) {
            serve();
        }
        if (stopping_.load(std::memory_order_relaxed)) {
            break;
        }
        session_.reset();
        if (is_connected_.load(std::memory_order_relaxed)) {
            delay = settings_.reconnect_first;
        }
        tell(false);
        pause(delay);
        delay = std::min(delay * 2, settings_.reconnect_longest);
    }
    pieces_.close();
    taker_.join();
    if (session_) {
        send_answers();
        session_->end(goodbye_time);
        session_.reset();
    }
    why_ = "stopped";
    tell(false);
}

void MqttSubscriber::Loop::take(const MqttPiece& piece, std::vector<std::uint16_t>& ids) {
    std::uint64_t taken = 0;
    std::uint64_t bytes = 0;
    for (const mqtt::Publish& message : piece.messages) {
        if (message.qos > 0) {
            ids.push_back(message.packet_id);
        }
        if (message.payload.size() > settings_.payload_bytes_max) {
            oversize_.store(oversize_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
            continue;
        }
        taken += 1;
        bytes += message.payload.size();
        handlers_.message(message.topic, message.payload);
    }
    messages_.store(messages_.load(std::memory_order_relaxed) + taken, std::memory_order_relaxed);
    payload_bytes_.store(payload_bytes_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
}

void MqttSubscriber::Loop::take_all() {
    block_signals_in_this_thread();
    name_this_thread("mqtt-take");
    std::vector<std::uint16_t> ids;
    std::uint64_t ids_of = 0;
    std::size_t bytes = 0;
    while (MqttPiece* const piece = pieces_.next()) {
        if (piece->connection != ids_of) {
            ids.clear();  // of a connection that has broken: those messages come again
            ids_of = piece->connection;
        }
        take(*piece, ids);
        bytes += piece->filled;
        bool is_awaited = pieces_.give_back(piece);
        if (bytes >= bytes_between_rests || pieces_.is_empty()) {
            handlers_.rest();
            is_awaited = is_awaited || !ids.empty();
            answer_later(ids_of, ids);
            bytes = 0;
        }
        if (is_awaited) {
            wake_reader();
        }
    }
    handlers_.rest();
}

void MqttSubscriber::Loop::answer_later(std::uint64_t connection, std::vector<std::uint16_t>& ids) {
    const std::lock_guard lock(answering_);
    if (answers_of_ != connection) {
        answers_.clear();
        answers_of_ = connection;
    }
    answers_.insert(answers_.end(), ids.begin(), ids.end());
    ids.clear();
}

MqttSubscriber::MqttSubscriber(MqttSubscriberSettings settings, Handlers handlers)
    : loop_(std::make_unique<Loop>(std::move(settings), std::move(handlers))) {}

MqttSubscriber::~MqttSubscriber() = default;

Result<void> MqttSubscriber::start() {
    return loop_->start();
}

void MqttSubscriber::stop() {
    loop_->stop();
}

MqttSubscriber::Counts MqttSubscriber::counts() const {
    return loop_->counts();
}

}  // namespace headroom::net
