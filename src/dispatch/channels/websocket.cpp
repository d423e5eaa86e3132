#include "dispatch/channels/websocket.hpp"

#include "core/log.hpp"
#include "core/object_reader.hpp"
#include "dispatch/channels/drop_counter.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace headroom::dispatch {

namespace {

constexpr std::size_t frame_bytes_max = 1024UL * 1024;
constexpr std::size_t ders_max = 10'000;
constexpr int nonsense_max = 100;
constexpr std::uint16_t close_policy = 1008;  // RFC 6455 §7.4.1: policy violation

bool may_be_der(std::string_view text) {
    return is_valid_id(text) || is_device_id(text);
}

/// One gateway that has dialled in.
struct Session {
    std::shared_ptr<net::WebSocket> socket;
    std::set<std::string> ders;
    int nonsense_in_a_row = 0;
};

class WebSocketChannel final : public GatewayChannel {
  public:
    explicit WebSocketChannel(DomainClock& clock) : clock_(clock), dropped_("websocket") {}

    Awaitable<Result<void>> send(const Instruction& instruction) override {
        const auto owner = owners_.find(instruction.der);
        if (owner == owners_.end()) {
            co_return Error{Errc::unavailable, "no gateway speaks for device " + instruction.der};
        }
        if (instruction.expires <= clock_.now()) {
            co_return Error{Errc::invalid, "instruction " + instruction.id.value + " for " + instruction.der +
                                               " expired at " + format_utc(instruction.expires)};
        }
        const std::shared_ptr<net::WebSocket> socket = owner->second->socket;
        std::string frame = json::write(
            json::Object{{"type", "order"}, {"der", instruction.der}, {"order", order_to_json(instruction)}});
        co_return co_await socket->send(std::move(frame));
    }

    void set_handlers(Handlers handlers) override { handlers_ = std::move(handlers); }
    [[nodiscard]] bool is_connected() const override { return !owners_.empty(); }
    [[nodiscard]] std::string name() const override { return "websocket"; }
    [[nodiscard]] std::size_t devices() const override { return owners_.size(); }
    [[nodiscard]] std::uint64_t dropped() const override { return dropped_.count(); }

    Awaitable<void> serve(std::shared_ptr<net::WebSocket> socket) override {
        const auto session = std::make_shared<Session>();
        session->socket = std::move(socket);
        for (;;) {
            const Result<std::string> message = co_await session->socket->read();
            if (!message) {
                break;
            }
            const Result<void> taken = take(session, *message);
            session->nonsense_in_a_row = taken ? 0 : session->nonsense_in_a_row + 1;
            if (!taken) {
                dropped_.add(session->socket->remote_address() + ": " + taken.error().message);
            }
            if (session->nonsense_in_a_row >= nonsense_max) {
                session->socket->close(close_policy, "too many messages that cannot be read");
                break;
            }
        }
        leave(session, {});
    }

  private:
    Result<void> take(const std::shared_ptr<Session>& session, const std::string& message) {
        const Result<json::Value> value = json::parse(message, {.bytes = frame_bytes_max, .depth = 6});
        if (!value) {
            return value.error();
        }
        json::ObjectReader read(*value);
        const std::string type = read.text("type", 16);
        if (type == "hello") {
            return hello(session, read);
        }
        const std::string der = read.text("der", 64, 1);
        if (!read.ok()) {
            return read.error();
        }
        if (!session->ders.contains(der)) {
            return Error{Errc::denied, "the gateway has not said hello for " + der, "/der"};
        }
        if (type == "ack") {
            Ack ack = read.take("ack", ack_from_json(read.value("ack"), der));
            return pass(read, std::move(ack), handlers_.on_ack);
        }
        if (type == "meas") {
            DeviceMeasurement measurement = read.take("meas", measurement_from_json(read.value("meas"), der));
            return pass(read, std::move(measurement), handlers_.on_measurement);
        }
        return Error{Errc::invalid, "'" + type + "' is no type of message known here", "/type"};
    }

    template <class T>
    static Result<void> pass(const json::ObjectReader& read, T value, const std::function<void(T)>& handler) {
        if (!read.ok()) {
            return read.error();
        }
        if (handler) {
            handler(std::move(value));
        }
        return {};
    }

    Result<void> hello(const std::shared_ptr<Session>& session, json::ObjectReader& read) {
        const std::vector<std::string> named = read.texts("ders", ders_max, 64);
        const auto bad = std::find_if_not(named.begin(), named.end(), may_be_der);
        if (read.ok() && bad != named.end()) {
            read.refuse("ders", "'" + *bad + "' is no device id");
        }
        if (!read.ok()) {
            return read.error();
        }
        leave(session, std::set<std::string>(named.begin(), named.end()));
        for (const std::string& der : named) {
            if (!session->ders.insert(der).second) {
                continue;
            }
            // The device has dialled in anew before its old link was known to be dead.
            const auto old = owners_.find(der);
            if (old != owners_.end()) {
                old->second->ders.erase(der);
            }
            owners_[der] = session;
            tell(der, true);
        }
        return {};
    }

    /// The session gives up all its devices but those to be kept.
    void leave(const std::shared_ptr<Session>& session, const std::set<std::string>& kept) {
        std::vector<std::string> gone;
        std::set_difference(session->ders.begin(), session->ders.end(), kept.begin(), kept.end(),
                            std::back_inserter(gone));
        for (const std::string& der : gone) {
            session->ders.erase(der);
            owners_.erase(der);
            tell(der, false);
        }
    }

    void tell(const std::string& der, bool is_online) {
        if (handlers_.on_presence) {
            handlers_.on_presence(der, is_online);
        }
    }

    DomainClock& clock_;
    Handlers handlers_;
    std::map<std::string, std::shared_ptr<Session>> owners_;  // by DER
    DropCounter dropped_;
};

}  // namespace

std::unique_ptr<GatewayChannel> make_websocket_channel(asio::any_io_executor /*executor*/,
                                                       DomainClock& clock) {
    return std::make_unique<WebSocketChannel>(clock);
}

void serve_gateways(net::HttpServer& server, std::string pattern, GatewayChannel& channel) {
    net::RouteOptions options;
    options.role = "device";
    options.summary = "Gateways of devices: orders out, acknowledgements and measurements in";
    options.websocket.message_bytes = frame_bytes_max;
    server.websocket(
        std::move(pattern),
        [&channel](const net::Request&, std::shared_ptr<net::WebSocket> socket) {
            return channel.serve(std::move(socket));
        },
        std::move(options));
}

std::string encode_hello(const std::vector<std::string>& ders) {
    return json::write(json::Object{{"type", "hello"}, {"ders", json::Array(ders.begin(), ders.end())}});
}

std::string encode_ack_frame(const Ack& ack) {
    return json::write(json::Object{{"type", "ack"}, {"der", ack.der}, {"ack", ack_to_json(ack)}});
}

std::string encode_measurement_frame(const DeviceMeasurement& measurement) {
    return json::write(
        json::Object{{"type", "meas"}, {"der", measurement.der}, {"meas", measurement_to_json(measurement)}});
}

Result<Instruction> decode_order_frame(std::string_view frame) {
    const Result<json::Value> value = json::parse(frame, {.bytes = 16'384, .depth = 6});
    if (!value) {
        return value.error();
    }
    json::ObjectReader read(*value);
    const std::string type = read.text("type", 16);
    if (read.ok() && type != "order") {
        read.refuse("type", "must be order");
    }
    const std::string der = read.text("der", 64, 1);
    Instruction instruction = read.take("order", order_from_json(read.value("order")));
    if (!read.ok()) {
        return read.error();
    }
    instruction.der = der;
    return instruction;
}

}  // namespace headroom::dispatch
