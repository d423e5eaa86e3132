#include "app/beckn_order_state.hpp"

#include "beckn/codec.hpp"
#include "core/object_reader.hpp"
#include "core/settings.hpp"

#include <fstream>
#include <system_error>

namespace headroom::app {
namespace {

constexpr std::size_t order_state_bytes_max = 32UL << 20U;
constexpr std::size_t slots_max = 336;
constexpr std::int64_t watts_max = 1'000'000'000;

std::optional<beckn::Envelope> read(const std::string& raw) {
    if (raw.empty()) {
        return std::nullopt;
    }
    beckn::CodecLimits limits;
    limits.bytes = order_state_bytes_max;
    return beckn::decode(raw, limits).envelope;
}

}  // namespace

std::optional<beckn::Order> BecknOrderState::order() const {
    const std::optional<beckn::Envelope> envelope = read(on_order);
    const auto* held = envelope ? std::get_if<beckn::Order>(&envelope->message) : nullptr;
    return held != nullptr ? std::optional(*held) : std::nullopt;
}

std::vector<beckn::Catalog> BecknOrderState::catalogs() const {
    const std::optional<beckn::Envelope> envelope = read(on_search);
    if (!envelope) {
        return {};
    }
    const std::span<const beckn::Catalog> held = beckn::catalogs_of(envelope->message);
    return {held.begin(), held.end()};
}

Result<BecknOrderState> read_order_state(const std::filesystem::path& file) {
    const Result<std::string> text = read_settings_file(file, order_state_bytes_max);
    if (!text) {
        return text.error();
    }
    const Result<json::Value> parsed = json::parse(*text, {.bytes = order_state_bytes_max, .depth = 32});
    if (!parsed) {
        return Error{Errc::corrupt, file.string() + ": " + parsed.error().message};
    }
    json::ObjectReader reader(*parsed);
    BecknOrderState state;
    state.provider_url = reader.text("provider_url", 2048);
    state.subscriber_id = reader.text("subscriber_id", 255);
    state.key_id = reader.text("key_id", 255);
    state.public_key = reader.text("public_key", 64);
    state.dialect = reader.text("dialect", 16);
    state.transaction = reader.text("transaction", 64);
    state.messages = reader.integer("messages", 0, 1'000'000);
    state.on_search = reader.text("on_search", order_state_bytes_max);
    state.on_order = reader.text("on_order", order_state_bytes_max);
    state.start = reader.text("start", 64);
    state.watts = reader.integers("watts", slots_max, 0, watts_max);
    reader.refuse_unknown();
    if (!reader.ok()) {
        return Error{Errc::corrupt, file.string() + reader.error().pointer + ": " + reader.error().message};
    }
    return state;
}

Result<void> write_order_state(const std::filesystem::path& file, const BecknOrderState& state) {
    const json::Object body{{"provider_url", state.provider_url},
                            {"subscriber_id", state.subscriber_id},
                            {"key_id", state.key_id},
                            {"public_key", state.public_key},
                            {"dialect", state.dialect},
                            {"transaction", state.transaction},
                            {"messages", state.messages},
                            {"on_search", state.on_search},
                            {"on_order", state.on_order},
                            {"start", state.start},
                            {"watts", json::Array(state.watts.begin(), state.watts.end())}};
    const std::filesystem::path beside = file.string() + ".new";
    {
        std::ofstream stream(beside, std::ios::binary | std::ios::trunc);
        stream << json::write(body) << "\n";
        stream.flush();
        if (!stream) {
            return Error{Errc::unavailable, beside.string() + " cannot be written"};
        }
    }
    std::error_code fault;
    std::filesystem::rename(beside, file, fault);
    if (fault) {
        return Error{Errc::unavailable, file.string() + " cannot be written: " + fault.message()};
    }
    return {};
}

}  // namespace headroom::app
