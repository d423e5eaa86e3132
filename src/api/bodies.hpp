#pragma once

#include "core/reflect.hpp"
#include "core/reflect_json.hpp"
#include "net/http.hpp"

#include <optional>
#include <string>
#include <tuple>

// Bodies of commands.
namespace headroom::api {

/// Of an approval or rejection.
struct JudgementBody {
    std::string sha256 = {};
    std::string reason = {};
};

struct ReasonBody {
    std::string reason = {};
};

struct StopBody {
    std::string area = {};
    bool stopped = true;
    std::string reason = {};
};

struct FeederStateBody {
    std::string state = "normal";
    bool held = false;
    std::string reason = {};
};

struct EnvelopeBody {
    std::string id = {};
    std::string asset = {};
    std::string limit_kind = {};
    std::string product = {};
    std::string der_class = {};
    double power_max_kw = 0.0;
    double cost_max_gbp = 0.0;
    UtcTime from{};
    UtcTime until{};
    std::string reason = {};
};

}  // namespace headroom::api

namespace headroom {

inline constexpr double reason_max = 1000.0;

template <>
struct Fields<api::JudgementBody> {
    using T = api::JudgementBody;
    static constexpr std::string_view name = "Judgement";
    static constexpr auto table = std::make_tuple(
        field("sha256", &T::sha256, "Hash of the plan that was looked at; another plan is a conflict.",
              {.minimum = 1, .maximum = 64}),
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = reason_max}));
};

template <>
struct Fields<api::ReasonBody> {
    using T = api::ReasonBody;
    static constexpr std::string_view name = "Reason";
    static constexpr auto table = std::make_tuple(
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = reason_max}));
};

template <>
struct Fields<api::StopBody> {
    using T = api::StopBody;
    static constexpr std::string_view name = "Stop";
    static constexpr auto table = std::make_tuple(
        field("area", &T::area, "Feeder or substation; empty or everywhere: the whole network.",
              {.maximum = 64, .required = false}),
        field("stopped", &T::stopped, "False lifts the stop.", {.required = false}),
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = reason_max}));
};

template <>
struct Fields<api::FeederStateBody> {
    using T = api::FeederStateBody;
    static constexpr std::string_view name = "FeederState";
    static constexpr auto table = std::make_tuple(
        field("state", &T::state, "normal, abnormal, outage, isolated, permit or restoring.",
              {.maximum = 32, .required = false}),
        field("held", &T::held,
              "A control engineer takes the feeder: nothing is sent until it is handed back.",
              {.required = false}),
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = reason_max}));
};

template <>
struct Fields<api::EnvelopeBody> {
    using T = api::EnvelopeBody;
    static constexpr std::string_view name = "NewEnvelope";
    static constexpr auto table = std::make_tuple(
        field("id", &T::id, "A new id of our form; one that exists is replaced.",
              {.minimum = 1, .maximum = 64}),
        field("asset", &T::asset, "Feeder, or substation for all feeders below it; empty: every feeder.",
              {.maximum = 64, .required = false}),
        field("limit_kind", &T::limit_kind, "Kind of limit; empty: any.", {.maximum = 32, .required = false}),
        field("product", &T::product, "armed or spot; empty: both.", {.maximum = 16, .required = false}),
        field("der_class", &T::der_class, "Class of resource; empty: any.",
              {.maximum = 32, .required = false}),
        field("power_max_kw", &T::power_max_kw, "Per event.",
              {.unit = "kW", .minimum = 0.001, .maximum = 1e6}),
        field("cost_max_gbp", &T::cost_max_gbp, "Per event.", {.unit = "GBP", .minimum = 0, .maximum = 1e7}),
        field("from", &T::from, "Domain time."), field("until", &T::until, "Domain time, half-open."),
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = reason_max}));
};

}  // namespace headroom

namespace headroom::api {

/// A body that was read, or the answer to one that cannot be: 400 for what is not JSON, 422 with every member
/// that does not fit.
template <class T>
struct Body {
    std::optional<T> value;
    net::Response refused;
};

namespace detail {
/// The parsed body, or what is wrong with it. No body counts as {}.
[[nodiscard]] Body<json::Value> parse_body(const net::Request& request);
[[nodiscard]] net::Response refuse_faults(const net::Request& request, const std::vector<Fault>& faults);
}  // namespace detail

template <class T>
[[nodiscard]] Body<T> read_body(const net::Request& request) {
    Body<json::Value> parsed = detail::parse_body(request);
    if (!parsed.value) {
        return {.value = std::nullopt, .refused = std::move(parsed.refused)};
    }
    std::vector<Fault> faults;
    std::optional<T> value = read_json<T>(*parsed.value, faults);
    if (!value) {
        return {.value = std::nullopt, .refused = detail::refuse_faults(request, faults)};
    }
    return {.value = std::move(value), .refused = {}};
}

}  // namespace headroom::api
