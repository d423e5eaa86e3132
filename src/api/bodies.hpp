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

}  // namespace headroom::api

namespace headroom {

inline constexpr double reason_max = 1000.0;

template <>
struct Fields<api::JudgementBody> {
    using T = api::JudgementBody;
    static constexpr std::string_view name = "Judgement";
    static constexpr auto table = field_table(
        field("sha256", &T::sha256, "Hash of the plan that was looked at; another plan is a conflict.",
              {.minimum = 1, .maximum = 64}),
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = reason_max}));
};

template <>
struct Fields<api::ReasonBody> {
    using T = api::ReasonBody;
    static constexpr std::string_view name = "Reason";
    static constexpr auto table = field_table(
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = reason_max}));
};

template <>
struct Fields<api::StopBody> {
    using T = api::StopBody;
    static constexpr std::string_view name = "Stop";
    static constexpr auto table = field_table(
        field("area", &T::area, "Feeder or substation; empty or everywhere: the whole network.",
              {.maximum = 64, .required = false}),
        field("stopped", &T::stopped, "False lifts the stop.", {.required = false}),
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = reason_max}));
};

template <>
struct Fields<api::FeederStateBody> {
    using T = api::FeederStateBody;
    static constexpr std::string_view name = "FeederState";
    static constexpr auto table = field_table(
        field("state", &T::state, "normal, abnormal, outage, isolated, permit or restoring.",
              {.maximum = 32, .required = false}),
        field("held", &T::held,
              "A control engineer takes the feeder: nothing is sent until it is handed back.",
              {.required = false}),
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
