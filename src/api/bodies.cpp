#include "api/bodies.hpp"

#include "core/json.hpp"

namespace headroom::api::detail {
namespace {

/// As much as the server takes: what one route answered is another's body.
constexpr std::size_t body_max = 4UL << 20U;

}  // namespace

Body<json::Value> parse_body(const net::Request& request) {
    if (request.body.empty()) {
        return {.value = json::Value(json::Object{}), .refused = {}};
    }
    Result<json::Value> parsed = json::parse(request.body, {.bytes = body_max, .depth = 8});
    if (!parsed) {
        return {
            .value = std::nullopt,
            .refused = net::problem(400, net::status_phrase(400), parsed.error().message, {}, request.path)};
    }
    return {.value = std::move(*parsed), .refused = {}};
}

net::Response refuse_faults(const net::Request& request, const std::vector<Fault>& faults) {
    std::vector<net::FieldFault> errors;
    std::string detail;
    for (const Fault& fault : faults) {
        errors.push_back({fault.pointer, fault.detail});
        detail += (detail.empty() ? "" : "; ") +
                  (fault.pointer.empty() ? "the body" : fault.pointer.substr(1)) + " " + fault.detail;
    }
    return net::problem(422, net::status_phrase(422), detail, errors, request.path);
}

}  // namespace headroom::api::detail
