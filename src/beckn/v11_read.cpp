#include "beckn/codec_v11.hpp"
#include "beckn/text.hpp"
#include "beckn/v11_parts.hpp"
#include "beckn/v11_terms.hpp"
#include "beckn/v11_words.hpp"

#include <array>
#include <utility>

namespace headroom::beckn::v11 {

namespace {

constexpr std::size_t error_max = 512;
constexpr std::size_t networks_max = 32;
constexpr std::array<std::string_view, 18> context_keys{
    "network_id", "schema_context", "domain",       "location",  "country", "city",
    "action",     "version",        "core_version", "bap_id",    "bap_uri", "bpp_id",
    "bpp_uri",    "transaction_id", "message_id",   "timestamp", "key",     "ttl"};

/// In 0.9 an id is a URI: the scheme that its writer had to put before it says nothing.
std::string read_subscriber_id(const Dialect& dialect, const Node& node) {
    std::string id = node.foreign_id().value_or("");
    if (dialect.is_flat() && id.starts_with(id_scheme) && id.size() > id_scheme.size()) {
        id.erase(0, id_scheme.size());
    }
    return id;
}

void read_place(const Dialect& dialect, const Node& node, Context& context) {
    if (!dialect.is_flat()) {
        const Node location = node.member("location");
        context.country = location.member("country").member("code").text_or_empty(name_max).value_or("");
        context.city = location.member("city").member("code").text_or_empty(name_max).value_or("");
        return;
    }
    context.country = node.member("country").text_or_empty(name_max).value_or("");
    context.city = node.member("city").text_or_empty(name_max).value_or("");
    for (std::string* place : {&context.country, &context.city}) {
        if (*place == anywhere) {
            place->clear();
        }
    }
}

/// A search that is not ours asks in words: for what there is, not for power by slot.
std::optional<SearchIntent> read_intent(const Node& node) {
    if (node.value() == nullptr || !node.value()->is_object()) {
        node.refuse("must be an object");
        return std::nullopt;
    }
    const Tags tags = Tags::find(node, flex_request);
    if (tags.is_there()) {
        return read_request(tags);
    }
    const std::size_t before = node.faults().count();
    SearchIntent intent;
    for (const Node& asked : {node, node.member("item"), node.member("category"), node.member("provider")}) {
        const Node name = asked.member("descriptor").member("name");
        if (intent.text.empty() && name.is_there()) {
            intent.text = name.text_or_empty(sentence_max).value_or("");
        }
    }
    return node.faults().count() == before ? std::optional(std::move(intent)) : std::nullopt;
}

std::optional<Body> read_body(const Dialect& dialect, Action action, const Node& message,
                              const CodecLimits& limits) {
    const auto wrap = [](auto read) -> std::optional<Body> {
        if (!read) {
            return std::nullopt;
        }
        return Body(std::move(*read));
    };
    switch (action) {
        case Action::search:
            return wrap(read_intent(message.member("intent")));
        case Action::on_search:
            return wrap(read_catalog(dialect, message.member("catalog"), limits));
        case Action::status: {
            std::optional<std::string> id = message.member("order_id").foreign_id();
            return id ? std::optional<Body>(StatusRequest{std::move(*id)}) : std::nullopt;
        }
        case Action::cancel: {
            std::optional<std::string> id = message.member("order_id").foreign_id();
            std::optional<std::string> reason =
                message.member("descriptor").member("short_desc").text_or_empty(sentence_max);
            return id && reason ? std::optional<Body>(CancelRequest{std::move(*id), std::move(*reason)})
                                : std::nullopt;
        }
        case Action::update: {
            std::optional<Order> order = read_order(dialect, message.member("order"), limits);
            return order ? std::optional<Body>(UpdateRequest{std::move(*order)}) : std::nullopt;
        }
        case Action::select:
        case Action::init:
        case Action::confirm:
        case Action::on_select:
        case Action::on_init:
        case Action::on_confirm:
        case Action::on_status:
        case Action::on_update:
        case Action::on_cancel:
            return wrap(read_order(dialect, message.member("order"), limits));
        case Action::track:
        case Action::on_track:
        case Action::support:
        case Action::on_support:
        case Action::rating:
        case Action::on_rating:
            return read_service(dialect, action, message);
        case Action::catalog_publish:
        case Action::on_catalog_publish:
            break;
    }
    message.refuse(std::string(to_string(action)) + " is not spoken in this dialect");
    return std::nullopt;
}

/// rc1 names the catalogue's two actions in its own way.
std::optional<Action> parse_action_word(std::string_view text) {
    if (text == "catalog_publish") {
        return Action::catalog_publish;
    }
    if (text == "on_catalog_publish") {
        return Action::on_catalog_publish;
    }
    return parse_action(text);
}

void read_networks(const Node& node, Context& context) {
    const Node networks = node.member("network_id");
    if (networks.is_there() && networks.value()->as_string() != nullptr) {
        context.network_id = networks.text(uri_max).value_or("");
    } else {
        for (const Node& network : networks.items(networks_max)) {
            const std::optional<std::string> id = network.text(uri_max);
            if (id && context.network_id.empty()) {
                context.network_id = *id;
            }
        }
    }
    for (const Node& schema : node.member("schema_context").items(networks_max)) {
        context.schema_context.push_back(schema.text(uri_max).value_or(""));
    }
}

}  // namespace

std::optional<Context> read_context(const Dialect& dialect, const Node& node) {
    const std::size_t before = node.faults().count();
    Context context;
    context.action = word(node.member("action"), parse_action_word).value_or(Action::search);
    // A discovery service speaks for many: its answer need not say for whom.
    const bool is_search = context.action == Action::search ||
                           (dialect.is_rc1() && (context.action == Action::on_search ||
                                                 request_of(context.action) == Action::catalog_publish));
    context.domain = node.member("domain").text_or_empty(name_max).value_or("");
    read_place(dialect, node, context);
    if (!dialect.is_rc1() || !is_search || node.member("bap_id").is_there()) {
        context.bap_id = read_subscriber_id(dialect, node.member("bap_id"));
        context.bap_uri = node.member("bap_uri").text(uri_max).value_or("");
    }
    if (!is_search || node.member("bpp_id").is_there()) {
        context.bpp_id = read_subscriber_id(dialect, node.member("bpp_id"));
    }
    if (!is_search || node.member("bpp_uri").is_there()) {
        context.bpp_uri = node.member("bpp_uri").text(uri_max).value_or("");
    }
    context.transaction_id = node.member("transaction_id").foreign_id().value_or("");
    context.message_id = node.member("message_id").foreign_id().value_or("");
    context.timestamp = node.member("timestamp").time().value_or(UtcTime{});
    if (node.member("ttl").is_there()) {
        context.ttl = node.member("ttl").duration();
    }
    context.key = node.member("key").text_or_empty(name_max).value_or("");
    if (dialect.is_rc1()) {
        read_networks(node, context);
    }
    context.extras = unknown_members(node, context_keys);
    if (node.faults().count() != before) {
        return std::nullopt;
    }
    return context;
}

std::optional<MessageError> read_error(const json::Value* error) {
    if (error == nullptr || !error->is_object()) {
        return std::nullopt;
    }
    std::string code = error->text("/code");
    if (const json::Value* number = error->get("code"); number != nullptr && number->is_int()) {
        code = std::to_string(*number->as_int());
    }
    const std::string paths = error->text("/paths", error->text("/path"));
    return MessageError{cut_text(code, 64), cut_text(error->text("/message"), error_max),
                        cut_text(paths, uri_max)};
}

std::optional<Envelope> read(const Dialect& dialect, const json::Value& message, const CodecLimits& limits,
                             std::vector<Fault>& faults) {
    FaultList list(faults, limits.faults);
    const Node root(&message, "", list);
    std::optional<Context> context = read_context(dialect, root.member("context"));
    if (!context) {
        return std::nullopt;
    }
    Envelope envelope{
        .version = dialect.version, .context = std::move(*context), .message = NoMessage{}, .error = {}};
    const Action action = envelope.context.action;
    if (is_callback(action)) {
        envelope.error = read_error(message.get("error"));
        const json::Value* nested = message.at("/message/error");
        if (!envelope.error && nested != nullptr) {
            envelope.error = read_error(nested);
        }
        if (envelope.error) {
            return envelope;
        }
    }
    const Node body = root.member("message");
    if (body.value() == nullptr || !body.value()->is_object()) {
        body.refuse("must be an object");
        return std::nullopt;
    }
    std::optional<Body> read_message = read_body(dialect, action, body, limits);
    if (!read_message) {
        return std::nullopt;
    }
    envelope.message = std::move(*read_message);
    return envelope;
}

std::optional<Envelope> read(const json::Value& message, const CodecLimits& limits,
                             std::vector<Fault>& faults) {
    return read(dialect_v11, message, limits, faults);
}

}  // namespace headroom::beckn::v11
