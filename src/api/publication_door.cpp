#include "api/publication_door.hpp"

#include "api/operation.hpp"
#include "beckn/signature_verify.hpp"

#include <algorithm>
#include <utility>

namespace headroom::api {
namespace {

constexpr std::size_t result_bytes_max = 256UL * 1024;

std::string_view word_of(beckn::PublishStatus status) {
    switch (status) {
        case beckn::PublishStatus::accepted:
            return "accepted";
        case beckn::PublishStatus::rejected:
            return "rejected";
        case beckn::PublishStatus::partial:
            return "partial";
    }
    return "";
}

json::Value shown(const agents::CatalogPublisher::Status& status) {
    json::Array catalogs;
    for (const beckn::PublishResult& result : status.results) {
        json::Array faults;
        for (const beckn::MessageError& error : result.errors) {
            faults.emplace_back(beckn::describe(error));
        }
        catalogs.emplace_back(json::Object{{"catalogue_id", result.catalog_id},
                                           {"status", word_of(result.status)},
                                           {"items", result.item_count},
                                           {"faults", std::move(faults)}});
    }
    json::Object publication{{"service", status.service},
                             {"is_taken", status.is_taken},
                             {"is_answered", status.is_answered},
                             {"fault", status.fault},
                             {"catalogues", std::move(catalogs)}};
    if (status.at != UtcTime{}) {
        publication.set("published_at", format_utc(status.at));
    }
    return publication;
}

/// The one whose service has signed; whichever there is when that cannot be told, it will refuse.
agents::CatalogPublisher* receiver_of(const net::Request& request,
                                      const std::vector<agents::CatalogPublisher*>& all) {
    const std::vector<beckn::KeyId> ids =
        beckn::key_ids_of({.authorization = request.headers.get("Authorization"), .body = {}});
    const auto found = std::find_if(all.begin(), all.end(), [&ids](const agents::CatalogPublisher* one) {
        return !ids.empty() && one->status().service == ids.front().subscriber;
    });
    if (found != all.end()) {
        return *found;
    }
    return all.empty() ? nullptr : all.front();
}

}  // namespace

void add_publications(net::HttpServer& server,
                      std::function<std::vector<agents::CatalogPublisher*>()> publishers) {
    server.route(
        "GET", "/api/v1/publications",
        [publishers](net::Request) -> Awaitable<net::Response> {
            json::Array list;
            for (const agents::CatalogPublisher* publisher : publishers()) {
                list.push_back(shown(publisher->status()));
            }
            co_return net::json_response(200, json::Object{{"publications", std::move(list)}});
        },
        Operation("viewer", "Where our needs are published")
            .about("One entry for each discovery service of beckn.providers (sells = \"search\", "
                   "dialect = \"2.0\"): the newest publication, and what became of it.")
            .answers_json(200, "The publications.", json::Object{{"type", "object"}})
            .options());
    net::RouteOptions options =
        Operation("peer", "Beckn callback catalog/on_publish of a discovery service")
            .about("Signed by the service; the signature is checked over the bytes as they came.")
            .answers_like(
                200, "ACK of the protocol.",
                R"({"message":{"status":"ACK","messageId":"5d0f3b52-53b7-4d4b-8d5e-1c2a2d3a0004"}})")
            .fails({400, 401, 404, 413})
            .options();
    options.max_body = result_bytes_max;
    server.route(
        "POST", "/beckn/catalog/on_publish",
        [publishers = std::move(publishers)](net::Request request) -> Awaitable<net::Response> {
            agents::CatalogPublisher* const one = receiver_of(request, publishers());
            if (one == nullptr) {
                co_return net::problem(404, "Not Found", "nothing is published from here");
            }
            co_return co_await one->on_published(std::move(request));
        },
        std::move(options));
}

}  // namespace headroom::api
