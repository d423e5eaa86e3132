#include "beckn/decimal.hpp"
#include "beckn/rc1_parts.hpp"
#include "beckn/rc1_words.hpp"

#include <algorithm>

namespace headroom::beckn::rc1 {

namespace {

using json::Array;
using json::Value;

constexpr std::size_t ratings_max = 100;
constexpr int rating_decimals = 3;
constexpr std::int64_t rating_max_milli = 1'000'000;

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

/// One of the words of the schema for what a rating or a question is about.
std::string subject_word(const std::string& category) {
    constexpr std::string_view words[] = {"ORDER", "FULFILLMENT", "ITEM", "PROVIDER", "AGENT"};
    std::string word = category.empty() ? "ORDER" : upper(category);
    return std::find(std::begin(words), std::end(words), word) == std::end(words) ? "OTHER" : word;
}

std::optional<Body> read_track(const Node& message) {
    const Node order = message.member("order");
    const Node id = order.is_there() ? field(order, "id") : message.member("order_id");
    std::optional<std::string> text = id.foreign_id();
    return text ? std::optional<Body>(TrackRequest{.order_id = std::move(*text)}) : std::nullopt;
}

std::optional<Body> read_tracking(const Node& message) {
    const std::size_t before = message.faults().count();
    const Node order = message.member("order");
    const Node handle = field(field(order, "fulfillment"), "trackingAction");
    Tracking tracking;
    tracking.order_id = field(order, "id").foreign_id().value_or("");
    tracking.url = field(handle, "url").text_or_empty(v11::uri_max).value_or("");
    const std::string status = field(handle, "trackingStatus").text_or_empty(64).value_or("");
    tracking.is_active = status.empty() ? !tracking.url.empty() : upper(status) == "ACTIVE";
    return message.faults().count() == before ? std::optional<Body>(std::move(tracking)) : std::nullopt;
}

std::optional<Body> read_support_request(const Node& message) {
    const std::size_t before = message.faults().count();
    SupportRequest request;
    const Node id = field(message, "refId");
    request.ref_id = (id.is_there() ? id : message.member("ref_id")).foreign_id().value_or("");
    request.ref_type = subject_word(field(message, "refType").text_or_empty(64).value_or(""));
    const Node support = message.member("support");
    request.phone = field(support, "phone").text_or_empty(v11::name_max).value_or("");
    request.email = field(support, "email").text_or_empty(v11::name_max).value_or("");
    return message.faults().count() == before ? std::optional<Body>(std::move(request)) : std::nullopt;
}

std::optional<Body> read_support(const Node& node) {
    const std::size_t before = node.faults().count();
    if (!node.is_there()) {
        node.refuse("is missing");
        return std::nullopt;
    }
    Support support;
    support.phone = field(node, "phone").text_or_empty(v11::name_max).value_or("");
    support.email = field(node, "email").text_or_empty(v11::name_max).value_or("");
    support.url = field(node, "url").text_or_empty(v11::uri_max).value_or("");
    return node.faults().count() == before ? std::optional<Body>(std::move(support)) : std::nullopt;
}

std::optional<Body> read_ratings(const Node& message) {
    const std::size_t before = message.faults().count();
    RatingRequest request;
    const Node ratings = message.member("ratings");
    if (!ratings.is_there()) {
        ratings.refuse("is missing");
        return std::nullopt;
    }
    for (const Node& node : ratings.items(ratings_max)) {
        Rating rating;
        rating.id = field(node, "id").foreign_id().value_or("");
        rating.category = v11::rating_word(field(node, "category").text_or_empty(64).value_or(""));
        rating.value_milli =
            number(field(node, "ratingValue"), rating_decimals, 0, rating_max_milli).value_or(0);
        if (field(node, "bestRating").is_there()) {
            rating.best_milli =
                number(field(node, "bestRating"), rating_decimals, 0, rating_max_milli).value_or(0);
        }
        request.ratings.push_back(std::move(rating));
    }
    return message.faults().count() == before ? std::optional<Body>(std::move(request)) : std::nullopt;
}

std::optional<Body> read_rating_answer(const Node& message) {
    const std::size_t before = message.faults().count();
    RatingAnswer answer;
    const json::Value* received = message.member("received").value();
    answer.is_accepted = received == nullptr || received->as_bool().value_or(true);
    const Node form = field(message, "feedbackForm");
    answer.feedback_form_url = field(form, "url").text_or_empty(v11::uri_max).value_or("");
    return message.faults().count() == before ? std::optional<Body>(std::move(answer)) : std::nullopt;
}

}  // namespace

std::optional<Body> read_service(Action action, const Node& message) {
    switch (action) {
        case Action::track:
            return read_track(message);
        case Action::on_track:
            return read_tracking(message);
        case Action::support:
            return read_support_request(message);
        case Action::on_support:
            return read_support(message.member("support"));
        case Action::rating:
            return read_ratings(message);
        case Action::on_rating:
            return read_rating_answer(message);
        default:
            HEADROOM_ASSERT(false);
            return std::nullopt;
    }
}

Value write_service(const TrackRequest& request, const Context&) {
    return v11::object({{"order", v11::object({{"beckn:id", Value(request.order_id)}})}});
}

Value write_service(const Tracking& tracking, const Context& context) {
    Members handle;
    add_text(handle, "url", tracking.url);
    handle.push_back({"trackingStatus", Value(tracking.is_active ? "ACTIVE" : "DISABLED")});
    Members fulfilment{{"beckn:mode", Value("RESERVATION")}};
    fulfilment.push_back({"trackingAction", v11::object(std::move(handle))});
    Members more;
    more.push_back({"beckn:fulfillment", typed(core_context, "Fulfillment", std::move(fulfilment))});
    return v11::object(
        {{"order", write_bare_order(tracking.order_id, "CONFIRMED", context, std::move(more))}});
}

Value write_service(const SupportRequest& request, const Context&) {
    Members members{{"refId", Value(request.ref_id)}, {"refType", Value(subject_word(request.ref_type))}};
    Members support;
    add_text(support, "phone", request.phone);
    add_text(support, "email", request.email);
    if (!support.empty()) {
        members.push_back({"support", typed(core_context, "SupportInfo", std::move(support))});
    }
    return v11::object(std::move(members));
}

Value write_service(const Support& support, const Context&) {
    Members members;
    add_text(members, "phone", support.phone);
    add_text(members, "email", support.email);
    add_text(members, "url", support.url);
    return v11::object({{"support", typed(core_context, "SupportInfo", std::move(members))}});
}

Value write_service(const RatingRequest& request, const Context&) {
    Array ratings;
    for (const Rating& rating : request.ratings) {
        Members members{{"id", Value(rating.id)},
                        {"ratingValue", number(rating.value_milli, rating_decimals)},
                        {"bestRating", number(rating.best_milli, rating_decimals)},
                        {"category", Value(subject_word(rating.category))}};
        ratings.push_back(typed(core_context, "RatingInput", std::move(members)));
    }
    return v11::object({{"ratings", std::move(ratings)}});
}

Value write_service(const RatingAnswer& answer, const Context&) {
    Members members{{"received", Value(answer.is_accepted)}};
    if (!answer.feedback_form_url.empty()) {
        Members form{{"url", Value(answer.feedback_form_url)}};
        members.push_back({"feedbackForm", typed(core_context, "Form", std::move(form))});
    }
    return v11::object(std::move(members));
}

}  // namespace headroom::beckn::rc1
