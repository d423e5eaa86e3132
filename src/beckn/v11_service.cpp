#include "beckn/v11_shapes.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace headroom::beckn::v11 {

namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::size_t ratings_max = 100;
constexpr int rating_decimals = 3;
constexpr std::int64_t rating_max_milli = 1'000'000;

void add_text(std::vector<Object::Member>& members, std::string_view key, const std::string& text) {
    if (!text.empty()) {
        members.emplace_back(key, text);
    }
}

std::optional<Body> read_track(const Node& message) {
    std::optional<std::string> id = message.member("order_id").foreign_id();
    std::optional<std::string> url = message.member("callback_url").text_or_empty(uri_max);
    return id && url ? std::optional<Body>(TrackRequest{std::move(*id), std::move(*url)}) : std::nullopt;
}

std::optional<Body> read_tracking(const Node& node) {
    const std::size_t before = node.faults().count();
    if (!node.is_there()) {
        node.refuse("is missing");
        return std::nullopt;
    }
    Tracking tracking;
    tracking.order_id = node.member("id").text_or_empty(name_max).value_or("");
    tracking.url = node.member("url").text_or_empty(uri_max).value_or("");
    tracking.is_active = node.member("status").text_or_empty(name_max).value_or("") == "active";
    return node.faults().count() == before ? std::optional<Body>(std::move(tracking)) : std::nullopt;
}

/// The published 1.1 messages put the members where 0.9 had them: straight into the message.
Node support_of(const Node& message) {
    return message.member("support").is_there() ? message.member("support") : message;
}

std::optional<Body> read_support_request(const Node& node) {
    const std::size_t before = node.faults().count();
    SupportRequest request;
    request.ref_id = node.member("ref_id").foreign_id().value_or("");
    request.phone = node.member("callback_phone").text_or_empty(name_max).value_or("");
    request.email = node.member("email").text_or_empty(name_max).value_or("");
    return node.faults().count() == before ? std::optional<Body>(std::move(request)) : std::nullopt;
}

std::optional<Body> read_support(const Dialect& dialect, const Node& node) {
    const std::size_t before = node.faults().count();
    Support support;
    support.ref_id = node.member("ref_id").text_or_empty(name_max).value_or("");
    support.phone = node.member("phone").text_or_empty(name_max).value_or("");
    support.email = node.member("email").text_or_empty(name_max).value_or("");
    support.url = node.member(dialect.is_flat() ? "uri" : "url").text_or_empty(uri_max).value_or("");
    return node.faults().count() == before ? std::optional<Body>(std::move(support)) : std::nullopt;
}

Rating read_rating(const Node& node) {
    return {.id = node.member("id").foreign_id().value_or(""),
            .category = rating_word(node.member("rating_category").text_or_empty(64).value_or("")),
            .value_milli = node.member("value").decimal(rating_decimals, 0, rating_max_milli).value_or(0)};
}

std::optional<Body> read_ratings(const Node& message) {
    const std::size_t before = message.faults().count();
    RatingRequest request;
    if (message.member("ratings").is_there()) {
        for (const Node& rating : message.member("ratings").items(ratings_max)) {
            request.ratings.push_back(read_rating(rating));
        }
    } else {
        request.ratings.push_back(read_rating(message));
    }
    return message.faults().count() == before ? std::optional<Body>(std::move(request)) : std::nullopt;
}

std::optional<Body> read_rating_answer(const Node& message) {
    const std::size_t before = message.faults().count();
    RatingAnswer answer;
    const json::Value* ack = message.member("rating_ack").value();
    answer.is_accepted = ack == nullptr || ack->as_bool().value_or(true);
    const Node url = message.member("feedback_form").member("form").member("url");
    answer.feedback_form_url = url.text_or_empty(uri_max).value_or("");
    return message.faults().count() == before ? std::optional<Body>(std::move(answer)) : std::nullopt;
}

}  // namespace

std::string rating_word(std::string_view category) {
    constexpr std::array<std::string_view, 6> words{"Item",     "Order", "Fulfillment",
                                                    "Provider", "Agent", "Support"};
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    for (const std::string_view word : words) {
        const auto same = [&lower](char a, char b) { return lower(a) == lower(b); };
        if (std::equal(word.begin(), word.end(), category.begin(), category.end(), same)) {
            return std::string(word);
        }
    }
    return std::string(category);
}

std::optional<Body> read_service(const Dialect& dialect, Action action, const Node& message) {
    switch (action) {
        case Action::track:
            return read_track(message);
        case Action::on_track:
            return read_tracking(message.member("tracking"));
        case Action::support:
            return read_support_request(support_of(message));
        case Action::on_support:
            return read_support(dialect, support_of(message));
        case Action::rating:
            return read_ratings(message);
        case Action::on_rating:
            return read_rating_answer(message);
        default:
            HEADROOM_ASSERT(false);
            return std::nullopt;
    }
}

Value write_service(const Dialect&, const TrackRequest& request) {
    std::vector<Object::Member> members{{"order_id", request.order_id}};
    add_text(members, "callback_url", request.callback_url);
    return object(std::move(members));
}

Value write_service(const Dialect&, const Tracking& tracking) {
    std::vector<Object::Member> members;
    add_text(members, "id", tracking.order_id);
    add_text(members, "url", tracking.url);
    members.push_back({"status", Value(tracking.is_active ? "active" : "inactive")});
    return object({{"tracking", object(std::move(members))}});
}

Value write_service(const Dialect& dialect, const SupportRequest& request) {
    std::vector<Object::Member> members{{"ref_id", request.ref_id}};
    if (dialect.is_flat()) {
        return object(std::move(members));
    }
    add_text(members, "callback_phone", request.phone);
    add_text(members, "email", request.email);
    return object({{"support", object(std::move(members))}});
}

Value write_service(const Dialect& dialect, const Support& support) {
    std::vector<Object::Member> members;
    if (!dialect.is_flat()) {
        add_text(members, "ref_id", support.ref_id);
    }
    add_text(members, "phone", support.phone);
    add_text(members, "email", support.email);
    add_text(members, dialect.is_flat() ? "uri" : "url", support.url);
    return dialect.is_flat() ? object(std::move(members)) : object({{"support", object(std::move(members))}});
}

Value write_service(const Dialect& dialect, const RatingRequest& request) {
    Array ratings;
    for (const Rating& rating : request.ratings) {
        // 0.9 has one rating a message and writes its value as a number.
        Value value = dialect.is_flat() ? Value(static_cast<double>(rating.value_milli) / 1000.0)
                                        : Value(format_decimal(rating.value_milli, rating_decimals));
        std::vector<Object::Member> members;
        add_text(members, "rating_category", rating_word(rating.category));
        members.push_back({"id", rating.id});
        members.push_back({"value", std::move(value)});
        ratings.push_back(object(std::move(members)));
    }
    if (dialect.is_flat() && !ratings.empty()) {
        return std::move(ratings.front());
    }
    return object({{"ratings", std::move(ratings)}});
}

Value write_service(const Dialect& dialect, const RatingAnswer& answer) {
    if (dialect.is_flat()) {
        return object(
            {{"feedback_ack", Value(answer.is_accepted)}, {"rating_ack", Value(answer.is_accepted)}});
    }
    if (answer.feedback_form_url.empty()) {
        return Object{};
    }
    Value form = object({{"url", answer.feedback_form_url}, {"mime_type", Value("text/html")}});
    return object({{"feedback_form", object({{"form", std::move(form)}, {"required", Value(false)}})}});
}

}  // namespace headroom::beckn::v11
