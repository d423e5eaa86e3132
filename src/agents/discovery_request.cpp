#include "agents/discovery_request.hpp"

#include "beckn/key_hosts.hpp"
#include "beckn/nack.hpp"
#include "beckn/signature_identity.hpp"
#include "core/json.hpp"

#include <array>

namespace headroom::agents {

using beckn::ErrorCode;
using beckn::MessageError;

namespace {

constexpr std::size_t expression_max = 4096;
constexpr std::array<std::string_view, 4> filters_of_others{
    "/message/spatial", "/message/media_search", "/message/intent/spatial", "/message/intent/mediaSearch"};

}  // namespace

bool DiscoveryRequest::is_of_bpp() const {
    return action == beckn::Action::catalog_publish && !context.bpp_id.empty();
}

const std::string& DiscoveryRequest::uri() const {
    return is_of_bpp() ? context.bpp_uri : context.bap_uri;
}

MessageError DiscoveryRequest::error(ErrorCode code, std::string_view sentence, std::string_view key) const {
    std::string pointer = key.empty() ? "" : "/context/";
    for (const char c : key) {
        const bool is_big = c >= 'A' && c <= 'Z';
        if (is_big && version == beckn::WireVersion::v2_rc1) {
            pointer += '_';
            pointer += static_cast<char>(c - 'A' + 'a');
        } else {
            pointer += c;
        }
    }
    return beckn::make_error(version, code, sentence, std::move(pointer));
}

std::optional<MessageError> check(const DiscoveryRequest& request, milliseconds ttl, milliseconds skew) {
    const beckn::Context& context = request.context;
    if (!beckn::is_v2(request.version)) {
        return request.error(ErrorCode::ctx_version_unsupported,
                             "catalogues are published and discovered in 2.0 only", "version");
    }
    if (context.action != request.action) {
        return request.error(ErrorCode::ctx_action_mismatch, "the path names another action", "action");
    }
    if (const auto wrong = beckn::check_identity(context, request.sender.subscriber)) {
        return request.error(ErrorCode::aut_unauthorized_action, *wrong,
                             request.is_of_bpp() ? "bppId" : "bapId");
    }
    if (request.sender.url.empty() || !beckn::is_below(request.uri(), request.sender.url)) {
        return beckn::differing(request.error(ErrorCode::aut_unauthorized_action,
                                              "the address is not where the sender is registered",
                                              request.is_of_bpp() ? "bppUri" : "bapUri"),
                                request.sender.url, request.uri());
    }
    if (context.timestamp > request.at + skew) {
        return request.error(ErrorCode::ctx_invalid_field, "the timestamp lies in the future", "timestamp");
    }
    if (context.timestamp + context.ttl.value_or(ttl) + skew < request.at) {
        return request.error(ErrorCode::ctx_ttl_expired, "the message is too old", "timestamp");
    }
    return std::nullopt;
}

Result<std::optional<beckn::JsonFilter>> filter_of(const DiscoveryRequest& request) {
    const Result<json::Value> message = json::parse(request.raw);
    if (!message) {
        return message.error();
    }
    for (const std::string_view pointer : filters_of_others) {
        if (message->at(pointer) != nullptr) {
            return Error{Errc::unsupported, "only words and JSONPath are evaluated here",
                         std::string(pointer)};
        }
    }
    for (const std::string_view place : {"/message/filters", "/message/intent/filters"}) {
        const json::Value* const filters = message->at(place);
        if (filters == nullptr) {
            continue;
        }
        if (filters->text("/type", "jsonpath") != "jsonpath") {
            return Error{Errc::unsupported, "only JSONPath is evaluated here", std::string(place) + "/type"};
        }
        const std::string pointer = std::string(place) + "/expression";
        const json::Value* const expression = message->at(pointer);
        if (expression == nullptr || expression->as_string() == nullptr ||
            expression->as_string()->size() > expression_max) {
            return Error{Errc::invalid,
                         "must be a text of at most " + std::to_string(expression_max) + " bytes", pointer};
        }
        Result<beckn::JsonFilter> filter = beckn::JsonFilter::parse(*expression->as_string());
        if (!filter) {
            return Error{filter.error().code, filter.error().message, pointer};
        }
        return std::optional(std::move(*filter));
    }
    return std::optional<beckn::JsonFilter>();
}

}  // namespace headroom::agents
