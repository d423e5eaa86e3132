#include "app/run_beckn_publish.hpp"

#include "app/beckn_exchange.hpp"
#include "app/complaint.hpp"
#include "app/provider_house.hpp"
#include "app/random_uuid.hpp"
#include "core/settings.hpp"
#include "sim/provider_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace headroom::app {
namespace {

constexpr hours offered_for{24};

/// What a provider of the file offers within a day, with the windows of computing power.
Result<beckn::Catalog> catalog_of(const BecknPublishCommand& command, UtcTime now) {
    std::string text(sim::built_in_provider_list());
    if (!command.catalogue.empty()) {
        Result<std::string> read = read_settings_file(command.catalogue, provider_file_bytes_max);
        if (!read) {
            return read.error();
        }
        text = std::move(*read);
    }
    Result<sim::ProviderList> list = sim::read_provider_list(text, command.catalogue.string());
    if (!list) {
        return list.error();
    }
    const auto shared = std::make_shared<const sim::ProviderList>(std::move(*list));
    const std::vector<sim::ProviderSpec> specs = sim::specs_of(*shared);
    const auto wanted = std::find_if(specs.begin(), specs.end(), [&command](const sim::ProviderSpec& one) {
        return command.provider.empty() || one.id == command.provider;
    });
    if (wanted == specs.end()) {
        return Error{Errc::not_found, "the catalogue has no provider " + command.provider, ""};
    }
    beckn::Catalog catalog{.provider = wanted->id, .provider_name = wanted->name};
    catalog.id = command.name.empty() ? wanted->id + "-catalog" : command.name;
    if (command.is_withdrawal) {
        return catalog;  // empty: it takes the place of what stands there
    }
    catalog.offers = sim::catalogue_of(shared)(wanted->id, "", now, now + offered_for);
    for (flex::Offer& offer : catalog.offers) {
        offer.provider = wanted->id;
    }
    catalog.windows = sim::windows_of(shared)(wanted->id, now);
    catalog.expires = now + minutes{command.valid_minutes};
    return catalog;
}

std::string_view status_word(beckn::PublishStatus status) {
    return status == beckn::PublishStatus::accepted  ? "accepted"
           : status == beckn::PublishStatus::partial ? "in part"
                                                     : "rejected";
}

void show_published(const beckn::PublishAnswer& answer, bool is_json) {
    json::Array list;
    for (const beckn::PublishResult& result : answer.results) {
        json::Array faults;
        for (const beckn::MessageError& error : result.errors) {
            faults.emplace_back(beckn::describe(error));
        }
        if (!is_json) {
            std::cout << fmt::format("{}: {}, {} items\n", result.catalog_id, status_word(result.status),
                                     result.item_count);
            for (const json::Value& fault : faults) {
                std::cout << "  " << *fault.as_string() << "\n";
            }
        }
        list.emplace_back(json::Object{{"catalogue_id", result.catalog_id},
                                       {"status", status_word(result.status)},
                                       {"items", result.item_count},
                                       {"faults", std::move(faults)}});
    }
    if (is_json) {
        std::cout << json::write(json::Object{{"catalogues", std::move(list)}}) << "\n";
    }
}

}  // namespace

int run_beckn_publish(const BecknPublishCommand& command) {
    const beckn::WireVersion wire =
        beckn::parse_wire_version(command.dialect).value_or(beckn::WireVersion::v2_lts);
    const Result<agents::CatalogService> service = parse_service(command.service, wire);
    if (!service) {
        return complain("beckn publish", service.error());
    }
    Result<beckn::Catalog> catalog = catalog_of(command, make_system_wall_clock()->now());
    if (!catalog) {
        return complain("beckn publish", catalog.error());
    }
    Result<ExchangeOptions> options = exchange_options(command, wire);
    if (!options) {
        return complain("beckn publish", options.error());
    }
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    const std::string subscriber = options->subscriber_id;
    const std::string introduction =
        subscriber + " with key " + options->key_id + " " + to_base64(options->key.public_key());
    auto& exchange = *new BecknExchange(context, std::move(*options));
    if (const Result<void> listening = exchange.listen(); !listening) {
        return complain("beckn publish", listening.error());
    }
    catalog->bpp_id = subscriber;
    catalog->bpp_uri = command.public_url.empty() ? exchange.address() : command.public_url;
    const beckn::PublishedKey& key = service->keys.front();
    const std::string transaction = random_uuid("publish");
    const Result<ExchangeResult> result = run_here(
        context, exchange.ask({key.subscriber, key.key, key.signing, service->url, {}},
                              beckn::Action::catalog_publish, beckn::PublishRequest{{std::move(*catalog)}},
                              transaction, make_uuid(transaction + "/message")));
    if (!result) {
        return complain("beckn publish", result.error());
    }
    if (result->ack.kind == beckn::AckKind::refused || result->ack.kind == beckn::AckKind::failed) {
        std::cerr << "not taken: " << beckn::describe(result->ack.error) << "\nthe registry has to list "
                  << introduction << "\n";
        return exit_refused;
    }
    if (result->callbacks.empty()) {
        std::cerr << "taken, but no result came within " << command.wait_s << " s\n";
        return exit_no_answer;
    }
    const ReceivedCallback& last = result->callbacks.back();
    const auto* told = std::get_if<beckn::PublishAnswer>(&last.envelope.message);
    if (!last.trust_fault.empty() || told == nullptr) {
        std::cerr << "the result is not believed: "
                  << (last.trust_fault.empty() ? "it has no results" : last.trust_fault) << "\n";
        return exit_refused;
    }
    show_published(*told, command.is_json);
    const bool is_good = std::all_of(
        told->results.begin(), told->results.end(),
        [](const beckn::PublishResult& one) { return one.status == beckn::PublishStatus::accepted; });
    return is_good && !told->results.empty() ? 0 : exit_refused;
}

}  // namespace headroom::app
