#include "beckn/decimal.hpp"
#include "beckn/lts_parts.hpp"
#include "beckn/lts_words.hpp"
#include "core/json_object.hpp"

#include <algorithm>
#include <array>

namespace headroom::beckn::lts {

namespace {

constexpr std::size_t schemas_max = 64;
constexpr std::size_t extras_max = 16;
constexpr std::array<std::string_view, 17> known_keys{
    "domain",        "location",  "action",        "version",       "bapId",     "bapUri",
    "bppId",         "bppUri",    "transactionId", "messageId",     "timestamp", "ttl",
    "schemaContext", "networkId", "key",           "requestDigest", "try"};

bool is_publishing(Action action) {
    return request_of(action) == Action::catalog_publish;
}

/// Who asks and who answers; discovery may be for everybody, and a catalog is published by one alone.
void read_parties(const Node& node, Context& context) {
    const bool is_search = request_of(context.action) == Action::search;
    const auto read = [&node](std::string_view id_key, std::string_view uri_key, bool must, std::string& id,
                              std::string& uri) {
        if (must || node.member(id_key).is_there()) {
            id = node.member(id_key).foreign_id().value_or("");
        }
        if (must || node.member(uri_key).is_there()) {
            uri = node.member(uri_key).text(uri_max).value_or("");
        }
    };
    read("bapId", "bapUri", !is_publishing(context.action), context.bap_id, context.bap_uri);
    read("bppId", "bppUri", !is_search, context.bpp_id, context.bpp_uri);
}

void read_extras(const Node& node, Context& context) {
    for (const auto& [key, value] : node.value()->as_object()->members()) {
        const bool is_known = std::find(known_keys.begin(), known_keys.end(), key) != known_keys.end();
        if (!is_known && context.extras.size() < extras_max) {
            context.extras.set(key, value);
        }
    }
}

}  // namespace

std::optional<Context> read_context(const Node& node) {
    const std::size_t before = node.faults().count();
    Context context;
    context.action = word(node.member("action"), parse_action).value_or(Action::search);
    const Node version = node.member("version");
    if (version.is_there() && !text_at(version).starts_with("2.")) {
        version.refuse("must be " + std::string(wire_version) + " beside keys of 2.0");
    }
    context.domain = node.member("domain").text_or_empty(name_max).value_or("");
    const Node location = node.member("location");
    context.country = location.member("country").member("code").text_or_empty(name_max).value_or("");
    context.city = location.member("city").member("code").text_or_empty(name_max).value_or("");
    read_parties(node, context);
    if (!is_publishing(context.action) || node.member("transactionId").is_there()) {
        context.transaction_id = node.member("transactionId").foreign_id().value_or("");
    }
    context.message_id = node.member("messageId").foreign_id().value_or("");
    context.timestamp = node.member("timestamp").time().value_or(UtcTime{});
    if (node.member("ttl").is_there()) {
        context.ttl = node.member("ttl").duration();
    }
    context.network_id = node.member("networkId").text_or_empty(name_max).value_or("");
    for (const Node& schema : node.member("schemaContext").items(schemas_max)) {
        context.schema_context.push_back(schema.text(uri_max).value_or(""));
    }
    context.key = node.member("key").text_or_empty(sentence_max).value_or("");
    context.request_digest =
        node.member("requestDigest").member("digest").text_or_empty(name_max).value_or("");
    const json::Value* preview = node.member("try").value();
    context.try_preview = preview != nullptr && preview->as_bool().value_or(false);
    if (node.faults().count() != before) {
        return std::nullopt;
    }
    read_extras(node, context);
    return context;
}

json::Value write_context(const Context& context) {
    std::vector<json::Object::Member> members;
    members.reserve(18);
    const auto add = [&members](std::string_view key, const std::string& text) {
        if (!text.empty()) {
            members.emplace_back(key, text);
        }
    };
    add("domain", context.domain);
    json::Object location;
    if (!context.country.empty()) {
        location.set("country", descriptor("code", context.country));
    }
    if (!context.city.empty()) {
        location.set("city", descriptor("code", context.city));
    }
    if (!location.empty()) {
        members.push_back({"location", std::move(location)});
    }
    add("networkId", context.network_id);
    members.push_back({"version", json::Value(wire_version)});
    members.push_back({"action", json::Value(to_string(context.action, WireVersion::v2_lts))});
    add("bapId", context.bap_id);
    add("bapUri", context.bap_uri);
    add("bppId", context.bpp_id);
    add("bppUri", context.bpp_uri);
    add("transactionId", context.transaction_id);
    add("messageId", context.message_id);
    members.push_back({"timestamp", format_utc(context.timestamp)});
    if (context.ttl) {
        members.push_back({"ttl", format_duration(*context.ttl)});
    }
    if (!context.schema_context.empty()) {
        members.push_back(
            {"schemaContext", json::Array(context.schema_context.begin(), context.schema_context.end())});
    }
    add("key", context.key);
    if (!context.request_digest.empty()) {
        members.push_back({"requestDigest", json::object({{"digest", context.request_digest}})});
    }
    if (context.try_preview) {
        members.push_back({"try", true});
    }
    for (const auto& [key, value] : context.extras.members()) {
        if (std::find(known_keys.begin(), known_keys.end(), key) == known_keys.end()) {
            members.emplace_back(key, value);
        }
    }
    return json::Object::from_distinct(std::move(members));
}

}  // namespace headroom::beckn::lts
