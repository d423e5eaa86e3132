#include "beckn/lts_parts.hpp"
#include "beckn/lts_words.hpp"
#include "core/json_object.hpp"

#include <algorithm>
#include <array>

// track, support, rate and catalog/publish, with their answers.
namespace headroom::beckn::lts {

namespace {

constexpr std::size_t ratings_max = 64;
constexpr std::size_t channels_max = 16;
constexpr std::size_t errors_max = 64;
constexpr int point_decimals = 3;
constexpr std::int64_t points_max = 1'000'000;

constexpr std::array<std::pair<PublishStatus, std::string_view>, 3> publish_words{{
    {PublishStatus::accepted, "ACCEPTED"},
    {PublishStatus::rejected, "REJECTED"},
    {PublishStatus::partial, "PARTIAL"},
}};

std::optional<PublishStatus> parse_publish_status(std::string_view text) {
    for (const auto& [status, name] : publish_words) {
        if (text == name) {
            return status;
        }
    }
    return std::nullopt;
}

std::string_view name_of(PublishStatus status) {
    return publish_words[static_cast<std::size_t>(status)].second;
}

Body read_tracking(const Node& node, Action action, const Context& context) {
    std::string order_id = node.member("contract").member("id").foreign_id().value_or("");
    std::string url = node.member("url").text(uri_max).value_or("");
    if (action == Action::track) {
        return TrackRequest{.order_id = std::move(order_id),
                            .callback_url = url == context.bap_uri ? "" : std::move(url)};
    }
    const bool is_active = text_at(node.member("status")) == "ACTIVE";
    return Tracking{.order_id = std::move(order_id), .url = std::move(url), .is_active = is_active};
}

Body read_support(const Node& node, Action action) {
    Support support;
    const Node order = node.member("orderId");
    if (action == Action::support || order.is_there()) {
        support.ref_id = order.foreign_id().value_or("");
    }
    for (const Node& channel : node.member("channels").items(channels_max)) {
        const auto take = [&channel](std::string_view key, std::string& into) {
            into = into.empty() ? text_at(channel.member(key)) : into;
        };
        take("phone", support.phone);
        take("email", support.email);
        take("url", support.url);
    }
    if (action == Action::support) {
        return SupportRequest{.ref_id = std::move(support.ref_id),
                              .ref_type = text_at(node.member("descriptor").member("code")),
                              .phone = std::move(support.phone),
                              .email = std::move(support.email)};
    }
    return support;
}

std::vector<Rating> read_ratings(const Node& list) {
    std::vector<Rating> ratings;
    for (const Node& node : list.items(ratings_max)) {
        const Node target = node.member("target");
        const Node range = node.member("range");
        Rating rating{.id = target.member("id").text(name_max).value_or(""),
                      .category = text_at(target.member("descriptor").member("code"))};
        rating.value_milli = number(range.member("value"), point_decimals, 0, points_max).value_or(0);
        if (range.member("best").is_there()) {
            rating.best_milli = number(range.member("best"), point_decimals, 0, points_max).value_or(0);
        }
        ratings.push_back(std::move(rating));
    }
    return ratings;
}

PublishAnswer read_results(const Node& list, const CodecLimits& limits) {
    PublishAnswer answer;
    for (const Node& node : list.items(limits.catalogs)) {
        PublishResult result;
        result.catalog_id = node.member("catalogId").text(name_max).value_or("");
        result.status = word(node.member("status"), parse_publish_status).value_or(PublishStatus::rejected);
        if (const Node count = node.member("stats").member("itemCount"); count.is_there()) {
            result.item_count = number(count, 0, 0, count_max).value_or(0);
        }
        for (const Node& error : node.member("errors").items(errors_max)) {
            result.errors.push_back(MessageError{.code = text_at(error.member("errorCode")),
                                                 .message = text_at(error.member("errorMessage")),
                                                 .paths = {}});
        }
        answer.results.push_back(std::move(result));
    }
    return answer;
}

json::Value write_contact(const std::string& phone, const std::string& email, const std::string& url) {
    json::Object contact{{"@context", flex_context}, {"@type", flex_contact}};
    for (const auto& [key, text] :
         {std::pair("phone", &phone), std::pair("email", &email), std::pair("url", &url)}) {
        if (!text->empty()) {
            contact.set(key, *text);
        }
    }
    return contact;
}

json::Array write_ratings(const std::vector<Rating>& ratings) {
    json::Array written;
    for (const Rating& rating : ratings) {
        json::Object target{{"id", rating.id}};
        if (!rating.category.empty()) {
            target.set("descriptor", descriptor("code", rating.category));
        }
        written.push_back(json::object(
            {{"target", std::move(target)},
             {"range", json::object({{"value", number_value(rating.value_milli, point_decimals)},
                                     {"best", number_value(rating.best_milli, point_decimals)}})}}));
    }
    return written;
}

struct WriteOther {
    const Context& context;

    json::Value tracking(const std::string& order_id, const std::string& url, bool is_active) const {
        return json::object({{"tracking", json::object({{"contract", write_contract_reference(order_id, {})},
                                                        {"url", url},
                                                        {"status", is_active ? "ACTIVE" : "INACTIVE"}})}});
    }
    json::Value operator()(const TrackRequest& request) const {
        return tracking(request.order_id,
                        request.callback_url.empty() ? context.bap_uri : request.callback_url, false);
    }
    json::Value operator()(const Tracking& answer) const {
        return tracking(answer.order_id, answer.url, answer.is_active);
    }
    json::Value operator()(const SupportRequest& request) const {
        json::Object support{{"orderId", request.ref_id}};
        if (!request.ref_type.empty()) {
            support.set("descriptor", descriptor("code", request.ref_type));
        }
        if (!request.phone.empty() || !request.email.empty()) {
            support.set("channels", json::Array{write_contact(request.phone, request.email, "")});
        }
        return json::object({{"support", std::move(support)}});
    }
    json::Value operator()(const Support& answer) const {
        json::Object support;
        if (!answer.ref_id.empty()) {
            support.set("orderId", answer.ref_id);
        }
        if (!answer.phone.empty() || !answer.email.empty() || !answer.url.empty()) {
            support.set("channels", json::Array{write_contact(answer.phone, answer.email, answer.url)});
        }
        return json::object({{"support", std::move(support)}});
    }
    json::Value operator()(const RatingRequest& request) const {
        return json::object({{"ratingInputs", write_ratings(request.ratings)}});
    }
    json::Value operator()(const RatingAnswer& answer) const {
        return json::object({{"ratings", write_ratings(answer.ratings)}});
    }
    json::Value operator()(const PublishRequest& request) const {
        return json::object({{"catalogs", write_catalogs(request.catalogs)}});
    }
    json::Value operator()(const PublishAnswer& answer) const {
        json::Array results;
        for (const PublishResult& result : answer.results) {
            json::Object written{{"catalogId", result.catalog_id}, {"status", name_of(result.status)}};
            json::Array errors;
            for (const MessageError& error : result.errors) {
                errors.push_back(json::object({{"errorCode", error.code}, {"errorMessage", error.message}}));
            }
            if (!errors.empty()) {
                written.set("errors", std::move(errors));
            }
            written.set("stats", json::object({{"itemCount", result.item_count}}));
            results.push_back(std::move(written));
        }
        return json::object({{"results", std::move(results)}});
    }
    json::Value operator()(const auto&) const { return json::Value(); }
};

}  // namespace

std::optional<Body> read_other_body(Action action, const Node& message, const Context& context,
                                    const CodecLimits& limits) {
    const std::size_t before = message.faults().count();
    std::optional<Body> body;
    switch (action) {
        case Action::track:
        case Action::on_track:
            body = read_tracking(message.member("tracking"), action, context);
            break;
        case Action::support:
        case Action::on_support:
            body = read_support(message.member("support"), action);
            break;
        case Action::rating:
            body = RatingRequest{.ratings = read_ratings(message.member("ratingInputs"))};
            break;
        case Action::on_rating:
            body = RatingAnswer{.is_accepted = true,
                                .feedback_form_url = {},
                                .ratings = read_ratings(message.member("ratings"))};
            break;
        case Action::catalog_publish:
            // A catalog is published with its faults told: the good items count.
            return PublishRequest{.catalogs = read_catalogs(message.member("catalogs"), limits)};
        case Action::on_catalog_publish:
            body = read_results(message.member("results"), limits);
            break;
        default:
            message.refuse(std::string(to_string(action)) + " has no place in this dialect");
            break;
    }
    return message.faults().count() == before ? std::move(body) : std::nullopt;
}

json::Value write_other_body(const Envelope& envelope) {
    return std::visit(WriteOther{envelope.context}, envelope.message);
}

}  // namespace headroom::beckn::lts
